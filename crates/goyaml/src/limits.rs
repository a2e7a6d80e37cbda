//! The limits on what is read and written: takes nothing, gives constants, never a way around them.

/// The longest text that is read, in bytes (64 MiB).
pub const MAX_BYTES: usize = 64 << 20;

/// The deepest nesting that is read or written. Go's reader takes 10,000 levels; real manifests
/// need about 60 (custom resource definitions).
pub const MAX_DEPTH: usize = 200;

/// The longest text that is written, in bytes (64 MiB).
pub const MAX_WRITTEN: usize = 64 << 20;

/// The most values that one document may have once its aliases are expanded. Go's reader bounds
/// the share of aliases; this reader does so too, and bounds the sum.
pub const MAX_VALUES: usize = 4_000_000;

/// The most tokens of one text: before there are values there are nodes, each of a token or more.
pub(crate) const MAX_TOKENS: usize = 10_000_000;

/// The share of values that may come through aliases, as Go's reader has it: nearly all in small
/// documents, a tenth in very large ones.
///
/// Returns true where `through_aliases` of `all` values is too much.
pub(crate) fn excessive_aliasing(through_aliases: usize, all: usize) -> bool {
    const SMALL: usize = 400_000;
    const LARGE: usize = 4_000_000;
    // Counts stay far below 2^52, so the conversions are exact.
    let as_float = |count: usize| u32::try_from(count).map_or(f64::MAX, f64::from);
    let allowed = if all <= SMALL {
        0.99
    } else if all >= LARGE {
        0.10
    } else {
        0.99 - 0.89 * (as_float(all - SMALL) / as_float(LARGE - SMALL))
    };
    through_aliases > 100 && all > 1000 && as_float(through_aliases) / as_float(all) > allowed
}
