//! `kandy user delete`.

use clap::Args;
use kandy::Domain;

use super::delete_list::{self, ListOptions};
use crate::{
    confirm::Confirmation,
    context::Context,
    credential::read_secret,
    eprint::eprint,
    failure::{Failure, Result},
};

/// Delete users, given by their ids or in a CSV or JSON Lines file
///
/// With --from-file, the users of the column user_id are deleted, or of the field of the JSON object in each line; other
/// columns of `kandy user export` are ignored. On a terminal the command asks for the number of users in the list. A
/// script gives it with --confirm. The file is read first to count them, so it cannot be a pipe.
///
/// A user who does not exist is counted as missing and is no failure, so a deletion can be repeated. That includes a user
/// whose deletion got no response and was retried. To resume after Ctrl-C, SIGTERM, a closed terminal or a crash, run the
/// same command again: progress is stored in FILE.kandy-delete, which is deleted when all rows are done. Rows that fail
/// are written, for users.csv, to users.failures.csv.
#[derive(Args)]
#[command(
    override_usage = "kandy user delete [OPTIONS] <USER_ID>...\n       kandy user delete [OPTIONS] --from-file <FILE>"
)]
#[command(after_help = "Examples:\n  kandy user delete russ anna\n  kandy user delete --from-file leavers.csv\n  \
    kandy user delete --from-file leavers.csv --confirm 120 --rate 10/s\n\n\
    Exit codes with --from-file: 8 some rows failed, 130 interrupted (run the same command again to resume)")]
pub(crate) struct Delete {
    /// User ids
    #[arg(value_name = "USER_ID", required_unless_present = "from_file", conflicts_with = "from_file")]
    user_ids: Vec<String>,
    /// File with the password that identifies the user, or - for stdin (default: look up the API key of each user)
    #[arg(long, value_name = "FILE", conflicts_with = "from_file")]
    password_file: Option<String>,
    #[command(flatten)]
    sure: Confirmation,
    /// Delete the user of each row of this file
    #[arg(long, value_name = "FILE")]
    from_file: Option<String>,
    #[command(flatten, next_help_heading = "Options of --from-file")]
    list: ListOptions,
}

impl Delete {
    pub(crate) async fn run(self, context: &Context) -> Result {
        if let Some(file) = self.from_file {
            return delete_list::run(context, &file, self.sure.is_given(), self.list).await;
        }
        if self.list.is_given() {
            return Err(Failure::usage("list options require --from-file"));
        }
        let domain = context.domain()?;
        if self.password_file.is_some() && self.user_ids.len() > 1 {
            return Err(Failure::usage("--password-file: only one user can be deleted by password"));
        }
        self.sure
            .ask(context, named(&self.user_ids), "all that belongs to them: devices, messages and contacts")
            .await?;
        match (&self.user_ids[..], &self.password_file) {
            ([user_id], None) => by_api_key(context, &domain, user_id).await,
            ([user_id], Some(file)) => {
                let call = domain.delete_user_by_password(user_id.as_str(), read_secret(file)?);
                context.change(call, done(user_id)).await
            }
            (user_ids, _) => each(context, &domain, user_ids).await,
        }
    }
}

/// Deletes all users that can be deleted.
async fn each(context: &Context, domain: &Domain, user_ids: &[String]) -> Result {
    let mut failed = 0;
    for user_id in user_ids {
        match by_api_key(context, domain, user_id).await {
            Ok(()) => {}
            // A credential or network error concerns all users: stop.
            Err(failure) if matches!(failure.exit_code(), 6 | 7) => return Err(failure),
            Err(failure) => {
                eprint(format_args!("kandy: {failure}"));
                failed += 1;
            }
        }
    }
    match failed {
        0 => Ok(()),
        failed => Err(Failure::Some(format!("{failed} of {} users were not deleted", user_ids.len()))),
    }
}

async fn by_api_key(context: &Context, domain: &Domain, user_id: &str) -> Result {
    let api_key = context.user_api_key(domain, user_id).await?;
    context.change(domain.delete_user(api_key), done(user_id)).await
}

/// The maximum number of users that a prompt names.
const MAX_NAMED: usize = 10;

/// Names the users for a prompt.
fn named(user_ids: &[String]) -> String {
    let [first, others @ ..] = user_ids else { return String::new() };
    if others.is_empty() {
        return format!("user {first:?}");
    }
    let ids: Vec<_> = user_ids.iter().take(MAX_NAMED).map(|user_id| format!("{user_id:?}")).collect();
    let more = if user_ids.len() > MAX_NAMED { ", …" } else { "" };
    format!("{} users ({}{more})", user_ids.len(), ids.join(", "))
}

fn done(user_id: &str) -> String {
    format!("deleted user {user_id:?}")
}
