//! What comes before what: the order of tables by their foreign keys, and of objects by the names in their text.

use std::collections::{BTreeSet, HashSet};

/// Nodes by their places, and which of them precede which.
#[derive(Debug)]
pub(super) struct Graph {
    before: Vec<BTreeSet<usize>>,
    after: Vec<Vec<usize>>,
}

impl Graph {
    /// So many nodes, none of which precedes another.
    pub(super) fn new(nodes: usize) -> Self {
        Self { before: vec![BTreeSet::new(); nodes], after: vec![Vec::new(); nodes] }
    }

    /// For each node, those that come before it.
    pub(super) fn into_before(self) -> Vec<BTreeSet<usize>> {
        self.before
    }

    /// Lets `first` precede `then`, whatever circle that may close.
    pub(super) fn link(&mut self, first: usize, then: usize) {
        if self.before[then].insert(first) {
            self.after[first].push(then);
        }
    }

    /// Lets `first` precede `then`, unless that would close a circle.
    pub(super) fn precede(&mut self, first: usize, then: usize) -> bool {
        if self.before[then].contains(&first) {
            return true;
        }
        if self.reaches(then, first) {
            return false;
        }
        self.link(first, then);
        true
    }

    /// Whether `to` comes after `from`. The search goes forward and back in turn, and ends as soon as either side has
    /// seen all there is: of a long chain that grows at its end, that is one node.
    fn reaches(&self, from: usize, to: usize) -> bool {
        let (mut forward, mut back) = (vec![from], vec![to]);
        let (mut after, mut before) = (HashSet::from([from]), HashSet::from([to]));
        while let (Some(ahead), Some(behind)) = (forward.pop(), back.pop()) {
            if before.contains(&ahead) || after.contains(&behind) {
                return true;
            }
            forward.extend(self.after[ahead].iter().filter(|&&at| after.insert(at)));
            back.extend(self.before[behind].iter().filter(|&&at| before.insert(at)));
        }
        false
    }

    /// All nodes, each after those that precede it, else in their own order. In a circle the first one goes ahead.
    pub(super) fn sequence(&self) -> Vec<usize> {
        let mut missing: Vec<usize> = self.before.iter().map(BTreeSet::len).collect();
        let mut left: BTreeSet<usize> = (0..missing.len()).collect();
        let mut ready: BTreeSet<usize> = left.iter().copied().filter(|&at| missing[at] == 0).collect();
        let mut sequence = Vec::with_capacity(missing.len());
        while let Some(at) = ready.pop_first().or_else(|| left.first().copied()) {
            left.remove(&at);
            sequence.push(at);
            for &next in &self.after[at] {
                missing[next] -= 1;
                if missing[next] == 0 && left.contains(&next) {
                    ready.insert(next);
                }
            }
        }
        sequence
    }
}

#[cfg(test)]
mod tests {
    use super::Graph;

    #[test]
    fn what_precedes_comes_first_and_circles_are_broken_at_their_first() {
        let mut graph = Graph::new(4);
        assert!(graph.precede(3, 0) && graph.precede(0, 1));
        assert!(!graph.precede(1, 3), "that would close a circle");
        assert_eq!(graph.sequence(), [2, 3, 0, 1]);
        graph.link(1, 3);
        assert_eq!(graph.sequence(), [2, 0, 1, 3]);
    }
}
