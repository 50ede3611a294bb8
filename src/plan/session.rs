//! The session that a statement about a program is to find, besides the plan's.

use crate::document::ProgramSession;
use crate::model::Creation;
use crate::target::Target;

/// What a program's statement is to find set on a server, as far as the program's source tells.
pub fn program_session(creation: &Creation, statement: &str, target: Target) -> Option<ProgramSession> {
    let Creation { sql_mode, client, connection } = creation.on(target);
    let session = ProgramSession {
        sql_mode: sql_mode.map(Into::into),
        character_set_client: client.filter(|_| statement.is_ascii()).map(|charset| charset.printed(target).to_owned()),
        collation_connection: connection.map(|collation| collation.printed(target).into_owned()),
    };
    (session != ProgramSession::default()).then_some(session)
}
