//! The order of keys: takes two keys, gives which comes first as Go's writer has it (numbers in
//! them by value), never looks at values.

use std::cmp::Ordering;

/// Compares two keys as Go's writer does.
pub fn compare_keys(left: &str, right: &str) -> Ordering {
    let left: Vec<char> = left.chars().collect();
    let right: Vec<char> = right.chars().collect();
    let Some(at) = left
        .iter()
        .zip(&right)
        .position(|(one, other)| one != other)
    else {
        return left.len().cmp(&right.len());
    };
    let (one, other) = (left[at], right[at]);
    match (one.is_alphabetic(), other.is_alphabetic()) {
        (true, true) => return one.cmp(&other),
        (true, false) => return Ordering::Greater,
        (false, true) => return Ordering::Less,
        (false, false) => {}
    }
    // Zeros within a number count; zeros that lead one do not.
    let within_number = (one == '0' || other == '0')
        && left[..at]
            .iter()
            .rev()
            .take_while(|character| character.is_ascii_digit())
            .any(|digit| *digit != '0');
    let start = i64::from(within_number);
    let (left_end, left_number) = number_at(&left, at, start);
    let (right_end, right_number) = number_at(&right, at, start);
    left_number
        .cmp(&right_number)
        .then(left_end.cmp(&right_end))
        .then(one.cmp(&other))
}

/// Reads digits; returns where they end, and their value after `start`.
fn number_at(key: &[char], at: usize, start: i64) -> (usize, i64) {
    let digits = key[at..]
        .iter()
        .map_while(|character| character.to_digit(10));
    digits.fold((at, start), |(end, value), digit| {
        (
            end + 1,
            value.wrapping_mul(10).wrapping_add(i64::from(digit)),
        )
    })
}

/// Sorts by key. Go's comparison is no total order for every set of keys, and the standard sort
/// may refuse such; this one (merging) puts up with any.
pub(crate) fn sort_by_key<T>(items: &mut Vec<T>, key: impl Fn(&T) -> &str + Copy) {
    if items.len() < 2 {
        return;
    }
    let mut right = items.split_off(items.len() / 2);
    sort_by_key(items, key);
    sort_by_key(&mut right, key);
    let left = std::mem::take(items);
    items.reserve(left.len() + right.len());
    let (mut left, mut right) = (left.into_iter().peekable(), right.into_iter().peekable());
    while let (Some(one), Some(other)) = (left.peek(), right.peek()) {
        let next = if compare_keys(key(other), key(one)) == Ordering::Less {
            right.next()
        } else {
            left.next()
        };
        items.extend(next);
    }
    items.extend(left);
    items.extend(right);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orders_numbers_by_value_and_letters_last() {
        let mut keys = vec![
            "b", "a10", "a2", "a", "A", "a-b", "a01", "a1", "1", "10", "9", "_x",
        ];
        sort_by_key(&mut keys, |key| key);
        assert_eq!(
            keys,
            [
                "_x", "1", "9", "10", "A", "a", "a-b", "a1", "a01", "a2", "a10", "b"
            ]
        );
    }
}
