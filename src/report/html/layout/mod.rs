//! Where services and lines stand on the picture: takes widths, waves and links, gives boxes and
//! routes, never draws. Equal input gives equal positions.
//!
//! Layered drawing after Sugiyama: waves are columns, a tall wave several; what passes a column gets
//! a place in it, shared by all links of the same source, so that a service that many wait for has
//! one trunk with branches and not a fan; crossings are lessened by barycentres; heights are the
//! least squares under the order found.

mod cross;
mod place;

use std::collections::BTreeMap;

/// The height of a service's box.
pub(super) const BOX: f64 = 28.0;
/// The room between two boxes of a column.
const GAP: f64 = 12.0;
/// The room that a line takes which passes a column.
const LANE: f64 = 9.0;
/// The room between columns of different waves, and of the same one.
const CHANNEL: f64 = 84.0;
const NARROW_CHANNEL: f64 = 44.0;
/// The room around everything, and above it for the names of the waves.
const MARGIN: f64 = 24.0;
const HEAD: f64 = 40.0;

/// A service to be placed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Node {
    /// How wide its box must be.
    pub(super) width: f64,
    /// Its wave.
    pub(super) wave: u32,
}

/// A line to be drawn, from an earlier wave to a later one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Link {
    pub(super) from: usize,
    pub(super) to: usize,
}

/// A rectangle.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Area {
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) width: f64,
    pub(super) height: f64,
}

/// A wave's part of the picture.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Band {
    pub(super) wave: u32,
    pub(super) area: Area,
}

/// The places of everything.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Layout {
    /// The box of each node.
    pub(super) boxes: Vec<Area>,
    /// The corners of each link: level from an even one to the next, bent from there on.
    pub(super) routes: Vec<Vec<(f64, f64)>>,
    /// The waves, from left to right.
    pub(super) bands: Vec<Band>,
    pub(super) width: f64,
    pub(super) height: f64,
}

/// What has a place in a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Item {
    Node(usize),
    /// Where the lines from this node pass.
    Lane(usize),
}

/// The columns with the steps between each and the next, by index in both.
#[derive(Debug, Default)]
struct Columns {
    items: Vec<Vec<Item>>,
    /// From an item of column `c` to one of `c + 1`.
    steps: Vec<Vec<(usize, usize)>>,
}

impl Item {
    fn height(self) -> f64 {
        match self {
            Self::Node(_) => BOX + GAP,
            Self::Lane(_) => LANE,
        }
    }
}

/// Places everything.
pub(super) fn layout(nodes: &[Node], links: &[Link]) -> Layout {
    let column_of = columns_of(nodes, links);
    let mut columns = with_lanes(nodes.len(), &column_of, links);
    cross::lessen(&mut columns);
    let heights = place::place(&columns);
    drawn(nodes, links, &column_of, &columns, &heights)
}

/// Returns how many boxes a column may have, such that the whole is as large as can be on a screen
/// that is a little wider than high.
fn rows(waves: &(impl Iterator<Item = usize> + Clone)) -> usize {
    /// The width of a column with its channel in heights of a box, and that of a screen in its own.
    const COLUMN: f64 = 5.2;
    const SCREEN: f64 = 1.3;
    let tallest = waves.clone().max().unwrap_or(1);
    let size = |rows: usize| {
        let columns: usize = waves.clone().map(|count| count.div_ceil(rows)).sum();
        (number(columns) * COLUMN / SCREEN).max(number(rows + 2))
    };
    let mut best = 1;
    for rows in 1..=tallest {
        if size(rows) <= size(best) {
            best = rows;
        }
    }
    best
}

/// Returns a count as a number; there are never so many that it is not exact.
fn number(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

/// Returns the column of each node. A wave that is too tall has several: first the services that
/// nobody waits for, then those with lines to the right.
fn columns_of(nodes: &[Node], links: &[Link]) -> Vec<usize> {
    let mut is_source = vec![false; nodes.len()];
    let mut first_need = vec![usize::MAX; nodes.len()];
    for link in links {
        is_source[link.from] = true;
        first_need[link.to] = first_need[link.to].min(link.from);
    }
    let mut waves: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
    for (index, node) in nodes.iter().enumerate() {
        waves.entry(node.wave).or_default().push(index);
    }
    let limit = rows(&waves.values().map(Vec::len));
    let mut column_of = vec![0; nodes.len()];
    let mut first = 0;
    for members in waves.values_mut() {
        // Those that wait for the same stand together.
        members.sort_by_key(|&index| (is_source[index], first_need[index], index));
        let count = members.len().div_ceil(limit);
        let each = members.len().div_ceil(count);
        for (position, &index) in members.iter().enumerate() {
            column_of[index] = first + position / each;
        }
        first += count;
    }
    column_of
}

fn with_lanes(count: usize, column_of: &[usize], links: &[Link]) -> Columns {
    let number = column_of.iter().max().map_or(0, |last| last + 1);
    let mut last_target: Vec<usize> = column_of.to_vec();
    for link in links {
        last_target[link.from] = last_target[link.from].max(column_of[link.to]);
    }
    let mut items: Vec<Vec<Item>> = vec![Vec::new(); number];
    let mut at: Vec<BTreeMap<Item, usize>> = vec![BTreeMap::new(); number];
    let mut enter = |column: usize, item: Item| {
        at[column].insert(item, items[column].len());
        items[column].push(item);
    };
    for (node, &column) in column_of.iter().enumerate() {
        enter(column, Item::Node(node));
    }
    for node in 0..count {
        for column in column_of[node] + 1..last_target[node] {
            enter(column, Item::Lane(node));
        }
    }
    let mut steps = vec![Vec::new(); number.saturating_sub(1)];
    let mut step = |column: usize, from: Item, to: Item| {
        steps[column].push((at[column][&from], at[column + 1][&to]));
    };
    for node in 0..count {
        for column in column_of[node] + 1..last_target[node] {
            let before = passing(node, column - 1, column_of);
            step(column - 1, before, Item::Lane(node));
        }
    }
    for link in links {
        let column = column_of[link.to];
        let before = passing(link.from, column - 1, column_of);
        step(column - 1, before, Item::Node(link.to));
    }
    Columns { items, steps }
}

/// Returns what a node's lines pass in a column that is its own or a later one.
fn passing(node: usize, column: usize, column_of: &[usize]) -> Item {
    if column == column_of[node] {
        Item::Node(node)
    } else {
        Item::Lane(node)
    }
}

fn drawn(
    nodes: &[Node],
    links: &[Link],
    column_of: &[usize],
    columns: &Columns,
    heights: &[Vec<f64>],
) -> Layout {
    let mut widths = vec![0.0_f64; columns.items.len()];
    let mut waves = vec![0; columns.items.len()];
    for (node, &column) in nodes.iter().zip(column_of) {
        widths[column] = widths[column].max(node.width);
        waves[column] = node.wave;
    }
    let mut lefts = Vec::with_capacity(widths.len());
    let mut x = MARGIN;
    for (column, width) in widths.iter().enumerate() {
        if column > 0 {
            let same = waves[column] == waves[column - 1];
            x += if same { NARROW_CHANNEL } else { CHANNEL };
        }
        lefts.push(x);
        x += width;
    }
    let lowest = heights.iter().flatten().fold(0.0_f64, |low, y| low.max(*y));
    let (width, height) = (x + MARGIN, HEAD + lowest + BOX / 2.0 + GAP + MARGIN);
    let mut middle: BTreeMap<(usize, Item), f64> = BTreeMap::new();
    for (column, (items, heights)) in columns.items.iter().zip(heights).enumerate() {
        for (item, y) in items.iter().zip(heights) {
            middle.insert((column, *item), HEAD + MARGIN / 2.0 + y);
        }
    }
    let boxes: Vec<Area> = (0..nodes.len())
        .map(|node| {
            let column = column_of[node];
            Area {
                x: lefts[column],
                y: middle[&(column, Item::Node(node))] - BOX / 2.0,
                width: widths[column],
                height: BOX,
            }
        })
        .collect();
    let routes = links
        .iter()
        .map(|link| {
            let mut route = vec![corner(&boxes[link.from], true)];
            for column in column_of[link.from] + 1..column_of[link.to] {
                let y = middle[&(column, Item::Lane(link.from))];
                route.push((lefts[column], y));
                route.push((lefts[column] + widths[column], y));
            }
            route.push(corner(&boxes[link.to], false));
            route
        })
        .collect();
    let mut bands: Vec<Band> = Vec::new();
    for (column, &wave) in waves.iter().enumerate() {
        let (left, right) = (lefts[column], lefts[column] + widths[column]);
        match bands.last_mut().filter(|band| band.wave == wave) {
            Some(band) => band.area.width = right + MARGIN / 2.0 - band.area.x,
            None => bands.push(Band {
                wave,
                area: Area {
                    x: left - MARGIN / 2.0,
                    y: 0.0,
                    width: right - left + MARGIN,
                    height,
                },
            }),
        }
    }
    Layout {
        boxes,
        routes,
        bands,
        width,
        height,
    }
}

/// Returns the middle of a box's right or left side.
fn corner(area: &Area, right: bool) -> (f64, f64) {
    let x = if right { area.x + area.width } else { area.x };
    (x, area.y + area.height / 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A platform of this many services, each of which waits for some of those before it.
    fn platform(count: usize) -> (Vec<Node>, Vec<Link>) {
        let mut nodes = Vec::new();
        let mut links = Vec::new();
        for index in 0..count {
            let needs: Vec<usize> = match index {
                0..4 => Vec::new(),
                4..10 => vec![index % 4],
                _ => vec![index % 7, index % 10],
            };
            let waves = needs.iter().map(|&need| {
                let node: &Node = &nodes[need];
                node.wave + 1
            });
            let wave = waves.max().unwrap_or(0);
            nodes.push(Node { width: 120.0, wave });
            let ends: std::collections::BTreeSet<usize> = needs.into_iter().collect();
            links.extend(ends.into_iter().map(|from| Link { from, to: index }));
        }
        (nodes, links)
    }

    fn overlap(left: &Area, right: &Area) -> bool {
        left.x < right.x + right.width
            && right.x < left.x + left.width
            && left.y < right.y + right.height
            && right.y < left.y + left.height
    }

    #[test]
    fn boxes_do_not_overlap_and_later_waves_stand_to_the_right() {
        for count in [1, 8, 60, 100, 300] {
            let (nodes, links) = platform(count);
            let layout = layout(&nodes, &links);
            for (index, left) in layout.boxes.iter().enumerate() {
                assert!(left.x >= 0.0 && left.x + left.width <= layout.width);
                assert!(left.y >= HEAD && left.y + left.height <= layout.height);
                for (other, right) in layout.boxes.iter().enumerate().skip(index + 1) {
                    assert!(!overlap(left, right), "{index} and {other} of {count}");
                    if nodes[index].wave < nodes[other].wave {
                        assert!(left.x + left.width < right.x);
                    }
                }
            }
        }
    }

    #[test]
    fn no_line_goes_through_a_box() {
        let (nodes, links) = platform(100);
        let layout = layout(&nodes, &links);
        for (link, route) in links.iter().zip(&layout.routes) {
            for pass in route[1..route.len() - 1].chunks(2) {
                let line = Area {
                    x: pass[0].0,
                    y: pass[0].1,
                    width: pass[1].0 - pass[0].0,
                    height: 0.1,
                };
                let hit = layout.boxes.iter().position(|area| overlap(area, &line));
                assert_eq!(hit, None, "{link:?}");
            }
            assert_eq!(route[0], corner(&layout.boxes[link.from], true));
            assert_eq!(
                route[route.len() - 1],
                corner(&layout.boxes[link.to], false)
            );
        }
    }

    #[test]
    fn equal_input_gives_equal_places() {
        let (nodes, links) = platform(60);
        assert_eq!(layout(&nodes, &links), layout(&nodes, &links));
    }

    #[test]
    fn nothing_gives_nothing() {
        assert!(layout(&[], &[]).boxes.is_empty());
    }

    #[test]
    fn a_tall_wave_is_folded() {
        let nodes = vec![
            Node {
                width: 100.0,
                wave: 0
            };
            100
        ];
        let layout = layout(&nodes, &[]);
        assert_eq!(layout.bands.len(), 1);
        assert!(
            layout.height < layout.width * 1.5,
            "{} by {}",
            layout.width,
            layout.height
        );
    }
}
