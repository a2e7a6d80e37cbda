//! Consumers of a run's events: takes events, gives a live screen, plain lines or JSON lines; knows
//! no cluster and decides nothing. Without this folder every stage still compiles.

mod fetching;
pub mod html;
mod json;
mod lines;
mod model;
mod summary;
mod terminal;
mod words;

use std::io::Write;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crate::apply::{Emitter, Event};

pub use fetching::{FetchView, fetch_emitter};
pub use json::JsonLines;
pub use lines::PlainLines;
pub use summary::summary;
pub use terminal::Terminal;
pub use words::clock;

/// How often a live screen is drawn where nothing happens.
const TICK: Duration = Duration::from_millis(100);

/// Something that consumes events.
pub trait Sink: Send {
    /// Takes one event and the time since the beginning.
    fn hear(&mut self, at: Duration, event: &Event);
    /// Time went by.
    fn tick(&mut self, _at: Duration) {}
    /// No event comes any more.
    fn finish(&mut self, _at: Duration) {}
}

/// Events with the time since the beginning.
type Sender = mpsc::Sender<(Duration, Event)>;

/// Carries events to sinks on a thread of its own, so that no stage ever waits for a terminal.
#[derive(Debug)]
pub struct Reporter {
    sender: Arc<Mutex<Option<Sender>>>,
    thread: Option<JoinHandle<()>>,
    begun: Instant,
}

impl Reporter {
    /// Starts carrying events to the sinks.
    pub fn start(mut sinks: Vec<Box<dyn Sink>>) -> Self {
        let begun = Instant::now();
        let (sender, receiver) = mpsc::channel::<(Duration, Event)>();
        let thread = std::thread::spawn(move || {
            loop {
                let message = receiver.recv_timeout(TICK);
                for sink in &mut sinks {
                    match &message {
                        Ok((at, event)) => sink.hear(*at, event),
                        Err(RecvTimeoutError::Timeout) => sink.tick(begun.elapsed()),
                        Err(RecvTimeoutError::Disconnected) => sink.finish(begun.elapsed()),
                    }
                }
                if matches!(message, Err(RecvTimeoutError::Disconnected)) {
                    return;
                }
            }
        });
        Self {
            sender: Arc::new(Mutex::new(Some(sender))),
            thread: Some(thread),
            begun,
        }
    }

    /// Returns where stages send events. What is sent after the end is dropped.
    pub fn emitter(&self) -> Emitter {
        let sender = Arc::clone(&self.sender);
        let begun = self.begun;
        Arc::new(move |event| {
            let sender = sender.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(sender) = sender.as_ref() {
                let _ = sender.send((begun.elapsed(), event));
            }
        })
    }

    /// Waits until every event that was sent has been consumed.
    pub fn finish(mut self) {
        self.close();
    }

    fn close(&mut self) {
        self.sender
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Drop for Reporter {
    fn drop(&mut self) {
        self.close();
    }
}

/// Where a sink writes to.
pub type Output = Box<dyn Write + Send>;
