//! Schemas on the way from OLD to NEW: where a policy splits steps, the plan passes through them.
//!
//! With `phases=split` the plan goes by way of a schema on which both the old code and the new code run; with
//! `online=prefer` by way of one that instant changes alone reach. Each leg is planned as a whole of its own.

mod between;
mod instant;

use crate::diff::rename::Rename;
use crate::diff::{self, Changes, Filter, Online, Phases, Policies};
use crate::document::Phase;
use crate::ident::Ident;
use crate::model::Schema;
use crate::source::Pair;
use crate::target::Target;

/// The stops of a plan between OLD and NEW, and in which phase each leg runs.
#[derive(Clone, Debug)]
pub struct Route {
    stops: Vec<Schema>,
    phases: Vec<Option<Phase>>,
}

/// One leg of a plan's way.
#[derive(Debug)]
pub struct Leg<'a> {
    /// What it changes.
    pub changes: Changes<'a>,
    /// The phase that all its steps belong to; `None`: each step's own.
    pub phase: Option<Phase>,
}

impl Route {
    /// The way without stops.
    pub fn direct() -> Self {
        Self { stops: Vec::new(), phases: vec![None] }
    }

    /// The way that the policies ask for, on which the tables named in `whole` change in one piece.
    pub fn of(
        schemas: Pair<&Schema>,
        renamed: &[Rename],
        policies: &Policies,
        filter: &Filter,
        whole: &[Ident],
        target: Target,
    ) -> Self {
        let mut route = Self::direct();
        if policies.phases == Phases::Split {
            let changes = diff::diff(schemas, renamed, policies, filter);
            route = Self {
                stops: vec![between::between(&changes, schemas.new, whole, target)],
                phases: vec![Some(Phase::Expand), Some(Phase::Contract)],
            };
        }
        if policies.online == Online::Any {
            return route;
        }
        let mut split = Self { stops: Vec::new(), phases: Vec::new() };
        for (at, phase) in route.phases.iter().enumerate() {
            let from = if at == 0 { schemas.old } else { &route.stops[at - 1] };
            let to = route.stops.get(at).unwrap_or(schemas.new);
            let changes = diff::diff(Pair::new(from, to), renamed, policies, filter);
            if let Some(stop) = instant::first(&changes, from, target) {
                split.stops.push(stop);
                split.phases.push(*phase);
            }
            split.phases.push(*phase);
            split.stops.extend(route.stops.get(at).cloned());
        }
        split
    }

    /// Whether there is no stop.
    pub fn is_direct(&self) -> bool {
        self.stops.is_empty()
    }

    /// What changes from stop to stop.
    pub fn legs<'a>(
        &'a self,
        schemas: Pair<&'a Schema>,
        renamed: &[Rename],
        policies: &Policies,
        filter: &Filter,
    ) -> Vec<Leg<'a>> {
        let whole = diff::diff(schemas, renamed, policies, filter);
        if self.is_direct() {
            return vec![Leg { changes: whole, phase: None }];
        }
        let name = match &whole.databases[..] {
            [only] => Some(only.name),
            _ => None,
        };
        let mut legs = Vec::with_capacity(self.phases.len());
        for (at, phase) in self.phases.iter().enumerate() {
            let from = if at == 0 { schemas.old } else { &self.stops[at - 1] };
            let to = self.stops.get(at).unwrap_or(schemas.new);
            let mut changes = diff::diff(Pair::new(from, to), renamed, policies, filter);
            // Two databases of different names are one here; the stop has the name of one of them.
            if let (Some(name), [only]) = (name, &mut changes.databases[..]) {
                only.name = name;
            }
            legs.push(Leg { changes, phase: *phase });
        }
        legs
    }
}
