//! What happens to maps: takes their births and changes as they come, gives the engine what it must
//! forget, never looks into one.
//!
//! Time is counted in births of maps. Values belong to one thread, and so does their journal.

use std::cell::Cell;

thread_local! {
    static CLOCK: Cell<u64> = const { Cell::new(0) };
    static OLDEST_CHANGED: Cell<u64> = const { Cell::new(u64::MAX) };
    static UNSTEADY: Cell<bool> = const { Cell::new(false) };
}

/// What happened since the journal was read last.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Happened {
    /// The birth of the oldest map that was changed; later than any time if none was.
    pub(crate) oldest_changed: u64,
    /// Something was read that another execution may find different.
    pub(crate) unsteady: bool,
}

impl Happened {
    pub(crate) const NOTHING: Self = Self {
        oldest_changed: u64::MAX,
        unsteady: false,
    };

    pub(crate) fn and(self, other: Self) -> Self {
        Self {
            oldest_changed: self.oldest_changed.min(other.oldest_changed),
            unsteady: self.unsteady || other.unsteady,
        }
    }
}

/// Returns a time after all before.
pub(crate) fn tick() -> u64 {
    let now = CLOCK.get() + 1;
    CLOCK.set(now);
    now
}

/// Notes that a map was changed.
pub(crate) fn changed(birth: u64) {
    OLDEST_CHANGED.set(OLDEST_CHANGED.get().min(birth));
}

/// Notes that something was read that another execution may find different.
pub(crate) fn unsteady() {
    UNSTEADY.set(true);
}

/// Returns what happened, and begins anew.
pub(crate) fn take() -> Happened {
    Happened {
        oldest_changed: OLDEST_CHANGED.replace(u64::MAX),
        unsteady: UNSTEADY.replace(false),
    }
}
