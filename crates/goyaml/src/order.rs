//! The order of keys: takes two keys, gives which comes first as Go's writer has it (numbers in
//! them by value), never looks at values.

use std::cmp::Ordering;

/// Compares two keys as Go's writer does.
pub fn compare_keys(left: &str, right: &str) -> Ordering {
    if left.is_ascii() && right.is_ascii() {
        return compare(left.as_bytes(), right.as_bytes(), char::from);
    }
    let left: Vec<char> = left.chars().collect();
    let right: Vec<char> = right.chars().collect();
    compare(&left, &right, |character| character)
}

fn compare<C: Copy + PartialEq>(left: &[C], right: &[C], character: fn(C) -> char) -> Ordering {
    let Some(at) = left.iter().zip(right).position(|(one, other)| one != other) else {
        return left.len().cmp(&right.len());
    };
    let (one, other) = (character(left[at]), character(right[at]));
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
            .map(|&one| character(one))
            .take_while(char::is_ascii_digit)
            .any(|digit| digit != '0');
    let start = i64::from(within_number);
    // Returns where digits end, and their value after `start`.
    let number = |key: &[C]| {
        let digits = key[at..]
            .iter()
            .map_while(|&one| character(one).to_digit(10));
        digits.fold((at, start), |(end, value): (usize, i64), digit| {
            (
                end + 1,
                value.wrapping_mul(10).wrapping_add(i64::from(digit)),
            )
        })
    };
    let (left_end, left_number) = number(left);
    let (right_end, right_number) = number(right);
    left_number
        .cmp(&right_number)
        .then(left_end.cmp(&right_end))
        .then(one.cmp(&other))
}

/// Sorts by key. Go's comparison is no total order for every set of keys, and the standard sort
/// may refuse such; this one (merging) puts up with any.
pub(crate) fn sort_by_key<T>(items: &mut Vec<T>, key: impl Fn(&T) -> &str + Copy) {
    if items.len() < 2 {
        return;
    }
    // Without digits the order is total, and most keys come in it.
    let has_digit = |item: &T| key(item).bytes().any(|byte| byte.is_ascii_digit());
    if !items.iter().any(has_digit) {
        let compare = |one: &T, other: &T| compare_keys(key(one), key(other));
        if !items.is_sorted_by(|one, other| compare(one, other) != Ordering::Greater) {
            items.sort_by(compare);
        }
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
