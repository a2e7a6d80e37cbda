//! Room on the call stack: takes a closure that may recurse, runs it on a larger stack when little
//! is left, never limits the depth itself.

/// What must be left on the stack before a recursive step.
const RED_ZONE: usize = 128 * 1024;
/// What must be left for the body of a function, which may go through nested values.
const ROOM: usize = 1024 * 1024;
/// How much is added when less is left.
const STEP: usize = 4 * 1024 * 1024;

/// Runs a step of a recursion that data decides the depth of.
#[inline]
pub(crate) fn grow<R>(step: impl FnOnce() -> R) -> R {
    stacker::maybe_grow(RED_ZONE, STEP, step)
}

/// Runs the body of a function with room for recursions of its own, whose depth it limits.
#[inline]
pub(crate) fn with_room<R>(body: impl FnOnce() -> R) -> R {
    stacker::maybe_grow(ROOM, STEP, body)
}
