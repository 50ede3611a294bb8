//! The merge of two sequences with their common ancestor, after Khanna, Kunal and Pierce, "A formal investigation of diff3"
//! (2007): what is stable on all three sides separates regions; a region that one side alone changed is that side's. Where
//! both changed one, its items are matched by what they are about.

use similar::{Algorithm, DiffOp, capture_diff_slices};

/// The three sides of a merge.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sides<T> {
    pub(super) base: T,
    pub(super) ours: T,
    pub(super) theirs: T,
}

impl<T> Sides<T> {
    pub(super) const fn as_ref(&self) -> Sides<&T> {
        Sides { base: &self.base, ours: &self.ours, theirs: &self.theirs }
    }

    pub(super) fn map<U>(self, mut f: impl FnMut(T) -> U) -> Sides<U> {
        Sides { base: f(self.base), ours: f(self.ours), theirs: f(self.theirs) }
    }
}

/// One item of a sequence with the text around it, which belongs to it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Item<'a, K> {
    /// What it is about.
    pub(super) key: K,
    /// What makes it the same as another.
    pub(super) content: Vec<u8>,
    pub(super) lead: &'a [u8],
    pub(super) body: &'a [u8],
    pub(super) after: &'a [u8],
}

/// An item of the merged sequence.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Part<'a, K> {
    pub(super) key: K,
    pub(super) lead: &'a [u8],
    pub(super) body: Body,
    pub(super) after: &'a [u8],
}

/// What an item has become.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Body {
    Merged(Vec<u8>),
    /// The bodies of both sides, where there is one.
    Conflict {
        ours: Option<Vec<u8>>,
        theirs: Option<Vec<u8>>,
        reason: &'static str,
    },
}

/// Merges two bodies with their ancestor; `None` where that is for a person to do.
pub(super) type Inner<'f, 'a, K> = &'f dyn Fn(Sides<&Item<'a, K>>) -> Option<Vec<u8>>;

/// Merges the sequences. `inner` merges an item that both sides changed.
pub(super) fn merge<'a, K: Clone + PartialEq>(
    sides: &Sides<&[Item<'a, K>]>,
    inner: Inner<'_, 'a, K>,
) -> Vec<Part<'a, K>> {
    let mut parts = Vec::new();
    for region in regions(sides) {
        let [base, ours, theirs] = [region.base, region.ours, region.theirs];
        let same = |a: &[Item<'a, K>], b: &[Item<'a, K>]| a.iter().map(|i| &i.content).eq(b.iter().map(|i| &i.content));
        match () {
            () if same(ours, theirs) && ours.len() == base.len() => {
                let triples = base.iter().zip(ours).zip(theirs);
                parts.extend(triples.map(|((base, ours), theirs)| chosen(ours, Some(base), ours, Some(theirs))));
            }
            () if same(ours, theirs) || same(theirs, base) => parts.extend(ours.iter().map(whole)),
            () if same(ours, base) => parts.extend(theirs.iter().map(whole)),
            () => by_key(&region, inner, &mut parts),
        }
    }
    parts
}

/// A region that both sides changed: OURS in its order, with what THEIRS has made of it.
fn by_key<'a, K: Clone + PartialEq>(
    region: &Sides<&[Item<'a, K>]>,
    inner: Inner<'_, 'a, K>,
    parts: &mut Vec<Part<'a, K>>,
) {
    let mut merged: Vec<Part<'a, K>> = Vec::new();
    let find = |items: &'_ [Item<'a, K>], key: &K| items.iter().position(|item| item.key == *key);
    for item in region.ours {
        let base = find(region.base, &item.key).map(|at| &region.base[at]);
        let theirs = find(region.theirs, &item.key).map(|at| &region.theirs[at]);
        merged.extend(one(base, Some(item), theirs, inner));
    }
    for (at, item) in region.theirs.iter().enumerate() {
        if find(region.ours, &item.key).is_some() {
            continue;
        }
        let base = find(region.base, &item.key).map(|at| &region.base[at]);
        let Some(part) = one(base, None, Some(item), inner) else { continue };
        // Behind the nearest item before it that is there.
        let mut before = region.theirs[..at].iter().rev();
        let place = before.find_map(|other| merged.iter().position(|part| part.key == other.key));
        let mut place = place.map_or(0, |place| place + 1);
        // What both sides added in the same place: ours comes first.
        let is_new_of_ours =
            |part: &Part<'a, K>| find(region.base, &part.key).is_none() && find(region.theirs, &part.key).is_none();
        place += merged[place..].iter().take_while(|part| is_new_of_ours(part)).count();
        merged.insert(place, part);
    }
    parts.extend(merged);
}

/// What becomes of one item; `None`: it is gone.
fn one<'a, K: Clone>(
    base: Option<&Item<'a, K>>,
    ours: Option<&Item<'a, K>>,
    theirs: Option<&Item<'a, K>>,
    inner: Inner<'_, 'a, K>,
) -> Option<Part<'a, K>> {
    let content = |item: Option<&Item<'a, K>>| item.map(|item| item.content.clone());
    let (was, in_ours, in_theirs) = (content(base), content(ours), content(theirs));
    let (ours, theirs) = match (ours, theirs) {
        (Some(ours), _) if in_ours == in_theirs || in_theirs == was => return Some(chosen(ours, base, ours, theirs)),
        (Some(ours), Some(theirs)) if in_ours == was => return Some(chosen(theirs, base, ours, Some(theirs))),
        (None, Some(theirs)) if was.is_none() => return Some(whole(theirs)),
        (Some(_), None) | (None, Some(_)) if in_ours == was || in_theirs == was => return None,
        pair => pair,
    };
    let (item, body) = match (ours, theirs) {
        (None, None) => return None,
        (Some(ours), Some(theirs)) => match base.and_then(|base| inner(Sides { base, ours, theirs })) {
            Some(body) => (ours, Body::Merged(body)),
            None => {
                let reason = if base.is_some() { "both sides changed it" } else { "both sides added it" };
                (ours, conflict(Some(ours), Some(theirs), reason))
            }
        },
        (Some(ours), None) => (ours, conflict(Some(ours), None, "ours changed it, theirs dropped it")),
        (None, Some(theirs)) => (theirs, conflict(None, Some(theirs), "theirs changed it, ours dropped it")),
    };
    let around = chosen(item, base, ours.unwrap_or(item), theirs);
    Some(Part { body, ..around })
}

fn conflict<K>(ours: Option<&Item<'_, K>>, theirs: Option<&Item<'_, K>>, reason: &'static str) -> Body {
    let body = |item: Option<&Item<'_, K>>| item.map(|item| item.body.to_vec());
    Body::Conflict { ours: body(ours), theirs: body(theirs), reason }
}

fn whole<'a, K: Clone>(item: &Item<'a, K>) -> Part<'a, K> {
    Part { key: item.key.clone(), lead: item.lead, body: Body::Merged(item.body.to_vec()), after: item.after }
}

/// The body of an item with the text around it of the side that changed that; where both did, ours.
fn chosen<'a, K: Clone>(
    body: &Item<'a, K>,
    base: Option<&Item<'a, K>>,
    ours: &Item<'a, K>,
    theirs: Option<&Item<'a, K>>,
) -> Part<'a, K> {
    let around = |of: fn(&Item<'a, K>) -> &'a [u8]| match (base, theirs) {
        (Some(base), Some(theirs)) if of(ours) == of(base) => of(theirs),
        _ => of(ours),
    };
    // The same in other words: of the side that changed the words.
    let is_same = theirs.is_some_and(|theirs| theirs.content == ours.content);
    let body = if is_same { around(|item| item.body) } else { body.body };
    Part {
        key: ours.key.clone(),
        lead: around(|item| item.lead),
        body: Body::Merged(body.to_vec()),
        after: around(|item| item.after),
    }
}

/// Cuts three sequences into regions: alternately what all three share, and what lies between.
fn regions<'s, 'a, K>(sides: &Sides<&'s [Item<'a, K>]>) -> Vec<Sides<&'s [Item<'a, K>]>> {
    let to_ours = partners(sides.base, sides.ours);
    let to_theirs = partners(sides.base, sides.theirs);
    let mut regions = Vec::new();
    let mut from = Sides { base: 0, ours: 0, theirs: 0 };
    for at in 0..sides.base.len() {
        let (Some(ours), Some(theirs)) = (to_ours[at], to_theirs[at]) else { continue };
        regions.push(Sides {
            base: &sides.base[from.base..at],
            ours: &sides.ours[from.ours..ours],
            theirs: &sides.theirs[from.theirs..theirs],
        });
        regions.push(Sides {
            base: &sides.base[at..=at],
            ours: &sides.ours[ours..=ours],
            theirs: &sides.theirs[theirs..=theirs],
        });
        from = Sides { base: at + 1, ours: ours + 1, theirs: theirs + 1 };
    }
    regions.push(Sides {
        base: &sides.base[from.base..],
        ours: &sides.ours[from.ours..],
        theirs: &sides.theirs[from.theirs..],
    });
    regions
}

/// For each item of `from`, its partner in `to` in a longest common subsequence.
fn partners<K>(from: &[Item<'_, K>], to: &[Item<'_, K>]) -> Vec<Option<usize>> {
    let contents = |items: &[Item<'_, K>]| items.iter().map(|item| item.content.clone()).collect::<Vec<_>>();
    let mut partners = vec![None; from.len()];
    for op in capture_diff_slices(Algorithm::Myers, &contents(from), &contents(to)) {
        if let DiffOp::Equal { old_index, new_index, len } = op {
            for step in 0..len {
                partners[old_index + step] = Some(new_index + step);
            }
        }
    }
    partners
}
