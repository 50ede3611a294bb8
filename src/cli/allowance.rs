//! Which hazards a plan may have: what the command line allows, else what the project's settings do, and in either case the
//! exceptions of those.

use alterplan::config::{self, Environment};
use alterplan::document::{Hazard, HazardKind, Permit, Plan, Step};
use clap::builder::{PossibleValuesParser, TypedValueParser};

use super::Exit;
use super::calendar;
use super::failure::Failure;
use super::terminal::Terminal;

/// A word of `--allow`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Allowance {
    All,
    One(HazardKind),
}

/// Reads a word of `--allow`.
pub(crate) fn words() -> impl TypedValueParser<Value = Allowance> {
    let words = HazardKind::ALL.into_iter().map(HazardKind::word).chain(["all"]);
    PossibleValuesParser::new(words)
        .map(|word| HazardKind::ALL.into_iter().find(|kind| kind.word() == word).map_or(Allowance::All, Allowance::One))
}

/// The kinds that words stand for, gravest first.
pub(crate) fn kinds(words: &[Allowance]) -> Vec<HazardKind> {
    let is_allowed = |kind: &HazardKind| words.iter().any(|w| *w == Allowance::All || *w == Allowance::One(*kind));
    HazardKind::ALL.into_iter().filter(is_allowed).collect()
}

/// What stands between a plan and its use.
pub(crate) struct Gate {
    permit: Permit,
}

impl Gate {
    /// The gate in force; `None` where neither the command line nor the settings have a list. What has expired is told.
    pub(crate) fn of(words: Option<&[Allowance]>, settings: &Environment, terminal: &mut Terminal) -> Option<Self> {
        if words.is_none() && settings.allow.is_none() {
            return None;
        }
        Some(Self { permit: Self::permit(words, settings, terminal) })
    }

    /// What is permitted where nothing is by itself. What has expired is told.
    pub(crate) fn permit(words: Option<&[Allowance]>, settings: &Environment, terminal: &mut Terminal) -> Permit {
        let today = calendar::today();
        let expired = |what: String, until: Option<String>, reason: &str| {
            let until = until.unwrap_or_default();
            format!("{what} was allowed until {until} ({reason}), and is no more")
        };
        let mut allowed = Vec::new();
        for allowance in settings.allow.iter().flatten().filter(|_| words.is_none()) {
            if allowance.has_expired(today) {
                let until = allowance.until.as_ref().map(|day| day.text.clone());
                terminal.warn(&expired(allowance.hazard.word().to_owned(), until, &allowance.reason));
            } else {
                allowed.push(Allowance::One(allowance.hazard));
            }
        }
        let mut exceptions = Vec::new();
        for exception in settings.exceptions.iter().flatten() {
            if exception.has_expired(today) {
                let until = exception.until.as_ref().map(|day| day.text.clone());
                let what = format!("{} on `{}`", exception.hazard.word(), exception.object);
                terminal.warn(&expired(what, until, &exception.reason));
            } else {
                exceptions.push(exception.exemption());
            }
        }
        Permit { kinds: kinds(words.unwrap_or(&allowed)), exceptions }
    }

    /// Refuses a plan with hazards that are not allowed.
    pub(crate) fn check(&self, plan: &Plan) -> Result<(), Failure> {
        let outside = self.permit.outside(&plan.steps);
        if outside.is_empty() {
            return Ok(());
        }
        let named = outside.iter().map(|(step, hazard)| {
            let (id, object) = (step.id, &step.object);
            format!("step {id}, {} `{}`: {}: {}", object.kind, object.name, hazard.kind.word(), hazard.reason)
        });
        let mut words: Vec<&str> = Vec::new();
        for kind in self.permit.kinds.iter().copied().chain(outside.iter().map(|(_, hazard)| hazard.kind)) {
            if !words.contains(&kind.word()) {
                words.push(kind.word());
            }
        }
        let mistaken = self.mistaken(&outside).map_or_else(String::new, |mistaken| format!("; {mistaken}"));
        Err(Failure::wrong("the plan has hazards outside --allow")
            .exit(Exit::Refused)
            .details(named)
            .help(format!("once they have been looked at: --allow {}{mistaken}", words.join(","))))
    }

    /// An exception that no object of these steps has the name of, and that was perhaps meant for one.
    fn mistaken(&self, outside: &[(&Step, &Hazard)]) -> Option<String> {
        self.permit.exceptions.iter().find_map(|exception| {
            let alike = outside.iter().filter(|(_, hazard)| hazard.kind == exception.hazard);
            let names: Vec<&str> = alike.map(|(step, _)| step.object.name.as_str()).collect();
            if names.contains(&exception.object.as_str()) {
                return None;
            }
            let meant = exception.object.rsplit('.').next().unwrap_or_default();
            let closest = config::closest(meant, &names)?;
            Some(format!("an exception is for `{}`: did you mean `{closest}`?", exception.object))
        })
    }
}
