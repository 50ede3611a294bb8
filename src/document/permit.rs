//! Which hazards may be: of any step, or of the steps on one object.

use super::{Hazard, HazardKind, Step};

/// What a plan may cost.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Permit {
    /// The kinds that any step may have.
    pub kinds: Vec<HazardKind>,
    /// What the steps on single objects may have besides.
    pub exceptions: Vec<Exemption>,
}

/// A kind of hazard that the steps on one object may have.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Exemption {
    /// The object's name, perhaps behind its database's: `users`, `shop.users`.
    pub object: String,
    /// The kind.
    pub hazard: HazardKind,
    /// Why it may be.
    pub reason: String,
}

impl Permit {
    /// Permits kinds, whatever the object.
    pub fn of(kinds: impl Into<Vec<HazardKind>>) -> Self {
        Self { kinds: kinds.into(), exceptions: Vec::new() }
    }

    /// Whether a hazard of a step is permitted.
    pub fn covers(&self, step: &Step, hazard: &Hazard) -> bool {
        self.kinds.contains(&hazard.kind) || self.exception(step, hazard).is_some()
    }

    /// The exception by which a hazard of a step is permitted, where its kind alone is not.
    pub fn exception(&self, step: &Step, hazard: &Hazard) -> Option<&Exemption> {
        self.exceptions.iter().find(|e| !self.kinds.contains(&hazard.kind) && e.covers(step, hazard))
    }

    /// The hazards of a plan that are not permitted, with the steps that carry them.
    pub fn outside<'p>(&self, steps: &'p [Step]) -> Vec<(&'p Step, &'p Hazard)> {
        let all = steps.iter().flat_map(|step| step.hazards.iter().map(move |hazard| (step, hazard)));
        all.filter(|(step, hazard)| !self.covers(step, hazard)).collect()
    }
}

impl Exemption {
    /// Whether it is about that hazard of that step.
    pub fn covers(&self, step: &Step, hazard: &Hazard) -> bool {
        let object = &step.object;
        let is_named = |name: &str| {
            self.object == name
                || object.schema.as_ref().is_some_and(|database| self.object == format!("{database}.{name}"))
        };
        hazard.kind == self.hazard && (is_named(&object.name) || object.old_name.as_deref().is_some_and(is_named))
    }
}
