//! `kandy user delete`.

use clap::Args;
use kandy::Domain;

use crate::{
    confirm::Confirmation,
    context::Context,
    credential::read_secret,
    eprint::eprint,
    failure::{Failure, Result},
};

/// Delete users
#[derive(Args)]
#[command(after_help = "Example:\n  kandy user delete russ anna")]
pub(crate) struct Delete {
    /// User ids
    #[arg(value_name = "USER_ID", required = true)]
    user_ids: Vec<String>,
    /// File with the password that identifies the user, or - for stdin (default: look up the API key of each user)
    #[arg(long, value_name = "FILE")]
    password_file: Option<String>,
    #[command(flatten)]
    sure: Confirmation,
}

impl Delete {
    pub(crate) async fn run(self, context: &Context) -> Result {
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
