//! A server for tests: takes a function from requests to replies, listens on loopback, gives what was
//! asked of it, with the power to break every rule: bodies cut short, stalls, lies about lengths.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Asked {
    pub(super) method: String,
    pub(super) path: String,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: String,
}

impl Asked {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str())
    }

    /// Returns the first byte that is asked for.
    pub(super) fn from(&self) -> usize {
        let range = self
            .header("range")
            .and_then(|range| range.strip_prefix("bytes="));
        range
            .and_then(|range| range.trim_end_matches('-').parse().ok())
            .unwrap_or(0)
    }
}

/// What is answered.
#[derive(Debug, Clone)]
pub(super) struct Reply {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    /// After so many bytes of the body the connection ends, or nothing comes any more.
    cut: Option<usize>,
    stall: Option<Duration>,
    chunked: bool,
}

impl Reply {
    pub(super) fn new(status: u16) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: Vec::new(),
            cut: None,
            stall: None,
            chunked: false,
        }
    }

    pub(super) fn ok(body: impl Into<Vec<u8>>) -> Self {
        Self {
            body: body.into(),
            ..Self::new(200)
        }
    }

    pub(super) fn redirect(location: &str) -> Self {
        Self::new(302).with("location", location)
    }

    /// Answers with the part that is asked for.
    pub(super) fn part(asked: &Asked, body: &[u8]) -> Self {
        match asked.from() {
            0 => Self::ok(body),
            from if from >= body.len() => Self::new(416),
            from => Self {
                status: 206,
                ..Self::ok(&body[from..]).with(
                    "content-range",
                    &format!("bytes {from}-{}/{}", body.len() - 1, body.len()),
                )
            },
        }
    }

    pub(super) fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Ends the connection after so many bytes of the body.
    pub(super) fn cut(mut self, bytes: usize) -> Self {
        self.cut = Some(bytes);
        self
    }

    /// Says nothing for this long, after the headers and what comes before a cut.
    pub(super) fn stall(mut self, time: Duration) -> Self {
        self.stall = Some(time);
        self
    }

    /// Tells no length.
    pub(super) fn chunked(mut self) -> Self {
        self.chunked = true;
        self
    }
}

type Handler = dyn Fn(&Asked) -> Reply + Send + Sync;

/// A server on loopback that lives as long as the test's process.
#[derive(Clone)]
pub(super) struct Server {
    address: SocketAddr,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Server {
    pub(super) fn start(handler: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let server = Self {
            address: listener.local_addr().expect("an address"),
            asked: Arc::default(),
        };
        let handler: Arc<Handler> = Arc::new(handler);
        let log = Arc::clone(&server.asked);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (handler, log) = (Arc::clone(&handler), Arc::clone(&log));
                std::thread::spawn(move || {
                    // A client that goes away is what many tests want.
                    let _ = serve(stream, &*handler, &log);
                });
            }
        });
        server
    }

    /// Returns `127.0.0.1:PORT`.
    pub(super) fn host(&self) -> String {
        self.address.to_string()
    }

    pub(super) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Returns what was asked so far.
    pub(super) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().expect("a log").clone()
    }

    pub(super) fn paths(&self) -> Vec<String> {
        self.asked().into_iter().map(|asked| asked.path).collect()
    }
}

fn serve(stream: TcpStream, handler: &Handler, log: &Mutex<Vec<Asked>>) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let mut words = line.split(' ');
    let (Some(method), Some(path)) = (words.next(), words.next()) else {
        return Ok(());
    };
    let mut asked = Asked {
        method: method.to_owned(),
        path: path.to_owned(),
        headers: Vec::new(),
        body: String::new(),
    };
    // What is no HTTP is no question: a client that tries TLS first.
    if !line.trim_end().ends_with("HTTP/1.1") {
        return Ok(());
    }
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let Some((name, value)) = line.trim_end().split_once(": ") else {
            break;
        };
        asked
            .headers
            .push((name.to_ascii_lowercase(), value.to_owned()));
    }
    let length = asked
        .header("content-length")
        .and_then(|text| text.parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    reader.read_exact(&mut body)?;
    asked.body = String::from_utf8_lossy(&body).into_owned();
    let reply = handler(&asked);
    log.lock().expect("a log").push(asked);
    write(stream, &reply)
}

fn write(mut stream: TcpStream, reply: &Reply) -> std::io::Result<()> {
    use std::fmt::Write as _;
    let mut head = format!("HTTP/1.1 {} x\r\nconnection: close\r\n", reply.status);
    if reply.chunked {
        head.push_str("transfer-encoding: chunked\r\n");
    } else {
        let _ = write!(head, "content-length: {}\r\n", reply.body.len());
    }
    for (name, value) in &reply.headers {
        let _ = write!(head, "{name}: {value}\r\n");
    }
    stream.write_all(format!("{head}\r\n").as_bytes())?;
    let sent = &reply.body[..reply.cut.unwrap_or(reply.body.len()).min(reply.body.len())];
    if reply.chunked {
        for piece in sent.chunks(16 * 1024) {
            stream.write_all(format!("{:x}\r\n", piece.len()).as_bytes())?;
            stream.write_all(piece)?;
            stream.write_all(b"\r\n")?;
        }
    } else {
        stream.write_all(sent)?;
    }
    stream.flush()?;
    if let Some(time) = reply.stall {
        std::thread::sleep(time);
    }
    if reply.chunked && reply.cut.is_none() {
        stream.write_all(b"0\r\n\r\n")?;
    }
    stream.shutdown(std::net::Shutdown::Both)
}
