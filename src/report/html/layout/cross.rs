//! The order within columns: takes columns, leaves them such that few steps cross, never moves
//! anything to another column.

use super::{Columns, Item, number};

/// After so many sweeps nothing gets better that matters.
const SWEEPS: usize = 16;

/// Orders the items of each column.
pub(super) fn lessen(columns: &mut Columns) {
    let mut best = crossings(columns);
    let mut kept = copy(columns);
    for sweep in 0..SWEEPS {
        let count = columns.items.len();
        if sweep % 2 == 0 {
            (1..count).for_each(|column| sort(columns, column, column - 1));
        } else {
            (1..count)
                .rev()
                .for_each(|column| sort(columns, column - 1, column));
        }
        let now = crossings(columns);
        if now < best || sweep == 0 && now == best {
            best = now;
            kept = copy(columns);
        }
    }
    *columns = kept;
}

fn copy(columns: &Columns) -> Columns {
    Columns {
        items: columns.items.clone(),
        steps: columns.steps.clone(),
    }
}

/// Sorts a column by the mean place of what each item is joined with in the one beside it.
fn sort(columns: &mut Columns, column: usize, beside: usize) {
    let count = columns.items[column].len();
    let mut sums = vec![(0.0_f64, 0_u32); count];
    let scale = ratio(count, columns.items[beside].len());
    for &(from, to) in &columns.steps[column.min(beside)] {
        let (own, other) = if beside < column {
            (to, from)
        } else {
            (from, to)
        };
        sums[own].0 += number(other);
        sums[own].1 += 1;
    }
    let mut keys: Vec<(f64, usize)> = sums
        .iter()
        .enumerate()
        .map(|(own, &(sum, count))| match count {
            // What is joined with nothing stays about where it is.
            0 => (number(own) * scale, own),
            count => (sum / f64::from(count), own),
        })
        .collect();
    keys.sort_by(|left, right| left.0.total_cmp(&right.0).then(left.1.cmp(&right.1)));
    let mut new_index = vec![0; count];
    for (new, (_, old)) in keys.iter().enumerate() {
        new_index[*old] = new;
    }
    let old: Vec<Item> = std::mem::take(&mut columns.items[column]);
    columns.items[column] = keys.iter().map(|(_, own)| old[*own]).collect();
    if column > 0 {
        for (_, to) in &mut columns.steps[column - 1] {
            *to = new_index[*to];
        }
    }
    if let Some(steps) = columns.steps.get_mut(column) {
        for (from, _) in steps {
            *from = new_index[*from];
        }
    }
}

/// Returns how many pairs of steps cross.
fn crossings(columns: &Columns) -> u64 {
    let mut number = 0;
    for (column, steps) in columns.steps.iter().enumerate() {
        let mut sorted = steps.clone();
        sorted.sort_unstable();
        // A Fenwick tree of how many ends there are up to each place.
        let mut ends = vec![0_u64; columns.items[column + 1].len() + 1];
        for (before, &(_, to)) in sorted.iter().enumerate() {
            let mut not_above = 0;
            let mut at = to + 1;
            while at > 0 {
                not_above += ends[at];
                at &= at - 1;
            }
            number += before as u64 - not_above;
            let mut at = to + 1;
            while at < ends.len() {
                ends[at] += 1;
                at += at & at.wrapping_neg();
            }
        }
    }
    number
}

fn ratio(own: usize, beside: usize) -> f64 {
    if own == 0 {
        1.0
    } else {
        number(beside) / number(own)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn crossings_are_counted_and_undone() {
        let nodes = |from: usize, to: usize| (from..to).map(Item::Node).collect();
        let mut columns = Columns {
            items: vec![nodes(0, 3), nodes(3, 6)],
            steps: vec![vec![(0, 2), (1, 1), (2, 0)]],
        };
        assert_eq!(crossings(&columns), 3);
        lessen(&mut columns);
        assert_eq!(crossings(&columns), 0);
        assert_eq!(
            columns.items[1],
            [Item::Node(5), Item::Node(4), Item::Node(3)]
        );
    }
}
