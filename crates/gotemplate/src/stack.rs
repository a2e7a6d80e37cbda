//! Room on the call stack: takes a closure that may recurse, runs it on a larger stack when little
//! is left, never limits the depth itself.

/// What must be left on the stack before a recursive step.
const RED_ZONE: usize = 128 * 1024;
/// How much is added when less is left.
const STEP: usize = 4 * 1024 * 1024;

/// Runs a step of a recursion that data decides the depth of.
#[inline]
pub(crate) fn grow<R>(step: impl FnOnce() -> R) -> R {
    stacker::maybe_grow(RED_ZONE, STEP, step)
}
