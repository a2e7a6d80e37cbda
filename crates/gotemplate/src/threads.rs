//! Work on several threads: takes items and what is to be done with each, gives the results in the
//! items' order, never begins threads for what one does sooner.

use std::sync::atomic::{AtomicUsize, Ordering};

/// Does the work for every item, on as many threads as there are cores but on `most` at the most.
pub fn in_order<T, R>(items: &[T], most: usize, work: impl Fn(&T) -> R + Sync) -> Vec<R>
where
    T: Sync,
    R: Send,
{
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let threads = cores.min(most).min(items.len());
    let next = AtomicUsize::new(0);
    let some = || {
        let mut done = Vec::new();
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            match items.get(number) {
                Some(item) => done.push((number, work(item))),
                None => return done,
            }
        }
    };
    let mut done = std::thread::scope(|scope| {
        let others: Vec<_> = (1..threads).map(|_| scope.spawn(some)).collect();
        let mut done = some();
        for other in others {
            match other.join() {
                Ok(more) => done.extend(more),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        done
    });
    done.sort_unstable_by_key(|(number, _)| *number);
    done.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn results_stand_in_the_order_of_the_items() {
        let items: Vec<u64> = (0..1000).collect();
        let results = super::in_order(&items, 8, |item| {
            // The first items take longest.
            (0..(1000 - item) * 50).fold(*item, |sum, one| sum ^ (one & 1) ^ (one & 1))
        });
        assert_eq!(results, items);
        assert!(super::in_order(&[] as &[u64], 8, |item| *item).is_empty());
    }
}
