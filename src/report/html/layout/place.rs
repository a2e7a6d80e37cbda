//! Heights within columns: takes columns in their order, gives the middle of each item, never
//! changes the order.

use super::{Columns, Item};

/// After so many sweeps nothing moves that could be seen.
const SWEEPS: usize = 14;

/// Returns the height of the middle of each item of each column.
pub(super) fn place(columns: &Columns) -> Vec<Vec<f64>> {
    let needed = |items: &Vec<Item>| items.iter().map(|item| item.height()).sum::<f64>();
    let total = columns.items.iter().map(needed).fold(0.0, f64::max);
    let mut heights: Vec<Vec<f64>> = columns
        .items
        .iter()
        .map(|items| {
            // Each column begins in the middle.
            let mut below = (total - needed(items)) / 2.0;
            let middles = items.iter().map(|item| {
                below += item.height();
                below - item.height() / 2.0
            });
            middles.collect()
        })
        .collect();
    for sweep in 0..SWEEPS {
        let count = columns.items.len();
        let order: Vec<usize> = if sweep % 2 == 0 {
            (0..count).collect()
        } else {
            (0..count).rev().collect()
        };
        for column in order {
            let wanted = wanted(columns, &heights, column);
            heights[column] = settled(&columns.items[column], &wanted, total);
        }
    }
    heights
}

/// Returns where each item of a column wants to be, and how much.
fn wanted(columns: &Columns, heights: &[Vec<f64>], column: usize) -> Vec<(f64, f64)> {
    let items = &columns.items[column];
    // What is joined with nothing does not mind.
    let mut sums: Vec<(f64, f64)> = (heights[column].iter()).map(|y| (y * 0.01, 0.01)).collect();
    let mut pull = |own: usize, other: Item, y: f64| {
        // Long lines are to be straight.
        let is_lane = |item: Item| matches!(item, Item::Lane(_));
        let weight = match (is_lane(items[own]), is_lane(other)) {
            (true, true) => 8.0,
            (false, false) => 1.0,
            _ => 2.0,
        };
        sums[own].0 += y * weight;
        sums[own].1 += weight;
    };
    if column > 0 {
        for &(from, to) in &columns.steps[column - 1] {
            pull(
                to,
                columns.items[column - 1][from],
                heights[column - 1][from],
            );
        }
    }
    for &(from, to) in columns.steps.get(column).into_iter().flatten() {
        pull(from, columns.items[column + 1][to], heights[column + 1][to]);
    }
    sums.iter()
        .map(|(sum, weight)| (sum / weight, *weight))
        .collect()
}

/// Returns heights in order, none nearer to the next than both need, none outside, with the least
/// squares of the distances to what is wanted: isotonic regression by pooling neighbours.
fn settled(items: &[Item], wanted: &[(f64, f64)], total: f64) -> Vec<f64> {
    struct Pool {
        sum: f64,
        weight: f64,
        count: usize,
    }
    let mut offsets = Vec::with_capacity(items.len());
    let mut below = 0.0;
    for item in items {
        offsets.push(below + item.height() / 2.0);
        below += item.height();
    }
    let mut pools: Vec<Pool> = Vec::new();
    for (offset, (y, weight)) in offsets.iter().zip(wanted) {
        let mut pool = Pool {
            sum: (y - offset) * weight,
            weight: *weight,
            count: 1,
        };
        while let Some(last) = pools.last()
            && last.sum / last.weight >= pool.sum / pool.weight
        {
            pool.sum += last.sum;
            pool.weight += last.weight;
            pool.count += last.count;
            pools.pop();
        }
        pools.push(pool);
    }
    let room = (total - below).max(0.0);
    let shifts = pools.iter().flat_map(|pool| {
        let shift = (pool.sum / pool.weight).clamp(0.0, room);
        std::iter::repeat_n(shift, pool.count)
    });
    offsets
        .iter()
        .zip(shifts)
        .map(|(offset, shift)| offset + shift)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_keep_their_order_and_their_room() {
        let items = [Item::Node(0), Item::Lane(1), Item::Node(2)];
        let needed: f64 = items.iter().map(|item| item.height()).sum();
        let crossed = settled(&items, &[(90.0, 1.0), (50.0, 1.0), (10.0, 1.0)], 200.0);
        assert!(
            crossed.windows(2).all(|pair| pair[0] < pair[1]),
            "{crossed:?}"
        );
        assert!(crossed[2] - crossed[0] >= needed - items[0].height() - 0.001);
        let apart = settled(&items, &[(0.0, 1.0), (100.0, 1.0), (500.0, 1.0)], 200.0);
        assert!(apart[0] > 0.0 && apart[2] < 200.0, "{apart:?}");
        assert!((apart[1] - 100.0).abs() < 0.001, "{apart:?}");
    }
}
