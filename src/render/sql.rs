//! The plan as a script for the command-line clients of both servers.
//!
//! The script sets the session that its statements were written for and puts back what was there. The
//! client stops at the first statement that fails; the session is then gone with the connection.

use std::fmt::Write as _;

use super::style::one_line;
use super::touched::full_name;
use super::{statement, summary};
use crate::document::{Plan, ProgramSession, Step, settings};
use crate::ident::Literal;

/// The plan as a script. It is empty where the plan has no steps.
pub fn sql(plan: &Plan) -> String {
    if plan.steps.is_empty() {
        return String::new();
    }
    let mut out = String::with_capacity(1024 + plan.steps.iter().map(|step| step.sql.len() + 128).sum::<usize>());
    header(&mut out, plan);
    session(&mut out, plan);
    let mut own: Option<&ProgramSession> = None;
    for step in &plan.steps {
        out.push('\n');
        comments(&mut out, step);
        if step.session.as_ref() != own {
            back_to_plan(&mut out, own, plan);
            for (name, value) in settings(step.session.as_ref()) {
                let _ = writeln!(out, "SET SESSION {name} = {};", Literal(value));
            }
            own = step.session.as_ref();
        }
        statement::write(&mut out, &step.sql, own.is_some());
    }
    back_to_plan(&mut out, own, plan);
    restore(&mut out);
    out
}

fn header(out: &mut String, plan: &Plan) {
    let mut line = |text: &str| {
        let _ = writeln!(out, "-- {}", one_line(text));
    };
    line(&format!("alterplan: a plan for {}", plan.target));
    if plan.old_target != plan.target || plan.new_target != plan.target {
        line(&format!("old side read as {}, new side as {}", plan.old_target, plan.new_target));
    }
    if !plan.from.is_empty() {
        line(&format!("from {}", plan.from));
    }
    if !plan.to.is_empty() {
        line(&format!("to   {}", plan.to));
    }
    line(&summary(plan));
    for gap in &plan.not_understood {
        line(&format!("not understood: {} ({})", gap.text, gap.at));
    }
}

/// `SET NAMES` sets three variables, and there is no statement that reads them back at once.
/// (MySQL 8.4 manual, section 15.7.6.3 "SET NAMES Statement".)
fn session(out: &mut String, plan: &Plan) {
    let session = &plan.session;
    let charset = charset(plan);
    let _ = write!(
        out,
        "\n\
        SET @alterplan_character_set_client = @@SESSION.character_set_client;\n\
        SET @alterplan_character_set_results = @@SESSION.character_set_results;\n\
        SET @alterplan_collation_connection = @@SESSION.collation_connection;\n\
        SET NAMES {charset};\n\
        SET @alterplan_sql_mode = @@SESSION.sql_mode;\n\
        SET SESSION sql_mode = {};\n\
        SET @alterplan_foreign_key_checks = @@SESSION.foreign_key_checks;\n\
        SET SESSION foreign_key_checks = {};\n",
        Literal(&session.sql_mode),
        u8::from(session.foreign_key_checks),
    );
}

fn charset(plan: &Plan) -> &str {
    let charset = plan.session.character_set.as_str();
    let known = !charset.is_empty() && charset.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    if known { charset } else { "utf8mb4" }
}

/// Leaves the session that programs were made in.
fn back_to_plan(out: &mut String, own: Option<&ProgramSession>, plan: &Plan) {
    let Some(own) = own else { return };
    if own.sql_mode.is_some() {
        let _ = writeln!(out, "SET SESSION sql_mode = {};", Literal(&plan.session.sql_mode));
    }
    if own.character_set_client.is_some() || own.collation_connection.is_some() {
        let _ = writeln!(out, "SET NAMES {};", charset(plan));
    }
}

fn restore(out: &mut String) {
    out.push('\n');
    out.push_str(
        "SET SESSION foreign_key_checks = @alterplan_foreign_key_checks;\n\
        SET SESSION sql_mode = @alterplan_sql_mode;\n\
        SET SESSION character_set_client = @alterplan_character_set_client;\n\
        SET SESSION character_set_results = @alterplan_character_set_results;\n\
        SET SESSION collation_connection = @alterplan_collation_connection;\n",
    );
}

/// What the statement does and why, and what it can cost.
fn comments(out: &mut String, step: &Step) {
    let name = full_name(&step.object);
    for change in &step.changes {
        let _ = writeln!(out, "-- {}: {}", one_line(&name), one_line(change));
    }
    for hazard in &step.hazards {
        let _ = writeln!(out, "-- hazard: {}: {}", hazard.kind.word(), one_line(&hazard.reason));
    }
}
