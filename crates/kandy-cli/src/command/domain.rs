//! `kandy domain`: domains of the account, and the selected domain.

mod register;

use clap::Subcommand;
use kandy::Secret;
use kandy_sys::operation::Level;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::{
    last_seen::{self, Seen},
    token::Token,
};
use crate::{
    arguments::ListArguments,
    confirm::NameConfirmation,
    context::Context,
    credential::{Recovery, SaveOptions, Setting, SettingValues, check_can_save, check_new_profile, save_profile},
    failure::{Failure, Result},
    output::{ListView, OutputSchema},
};

/// Manage the domains (projects) of the account, and the selected domain
#[derive(Subcommand)]
pub(crate) enum Domain {
    /// List the domains of the account
    #[command(after_help = "Example:\n  kandy domain list --json=domain_name,number_of_users")]
    List(ListArguments),
    /// Show the selected domain
    #[command(after_help = "Example:\n  kandy domain show")]
    Show {
        /// Show only the details that are available without the portal
        #[arg(long)]
        limited: bool,
    },
    /// Create a domain (credentials are printed only with --show-secrets)
    #[command(after_help = "Example:\n  kandy domain create example.com --project-name 'My project'")]
    Create {
        /// Name of the domain
        name: String,
        /// Display name of the project
        #[arg(long, value_name = "NAME")]
        project_name: Option<String>,
        /// Store the credentials of the new domain as a profile of this name, without printing them
        #[arg(long, value_name = "NAME")]
        save_profile: Option<String>,
    },
    /// Delete a domain of the account and everything in it
    ///
    /// On a terminal the command asks for the name of the domain. A script gives it with --confirm.
    #[command(after_help = "Example:\n  kandy domain delete old.example.com --confirm old.example.com")]
    Delete {
        /// Name of the domain
        name: String,
        #[command(flatten)]
        sure: NameConfirmation,
    },
    /// Show country codes, of all countries or of the country of a mobile network
    #[command(after_help = "Example:\n  kandy domain country-codes --mcc 310")]
    CountryCodes {
        /// Mobile country code
        #[arg(long)]
        mcc: Option<String>,
    },
    /// Show the addresses of the call server
    #[command(after_help = "Example:\n  kandy domain spidr-configuration")]
    SpidrConfiguration,
    /// Show the initial configuration of a client, and an access token of the domain
    #[command(after_help = "Example:\n  kandy domain configuration --json=domain_access_token --show-secrets")]
    Configuration,
    /// Get an anonymous user of the domain and an access token
    ///
    /// Each call creates or leases another user. The credentials are printed only with --show-secrets.
    #[command(after_help = "Example:\n  kandy domain anonymous-user --show-secrets --json")]
    AnonymousUser {
        /// Use the legacy request, which needs only the API key of the domain
        #[arg(long)]
        by_api_key: bool,
    },
    Register(register::Register),
    /// Show when users were last seen, and whether they are online
    #[command(after_help = "Example:\n  kandy domain last-seen russ@example.com anna@example.com")]
    LastSeen(Seen),
    #[command(subcommand)]
    Token(Token),
}

const DOMAINS: OutputSchema = OutputSchema {
    name: "domains",
    operation: "domain_list",
    at: "/domains",
    id: "domain_name",
    columns: &["domain_name", "project_name", "number_of_users"],
};
const DOMAIN: OutputSchema = OutputSchema { operation: "domain_get", at: "/domain", ..DOMAINS };
const LIMITED: OutputSchema = OutputSchema::open("domains", "domain_limited_get", "/domain");
const CREATED: OutputSchema = OutputSchema { operation: "domain_create", at: "", columns: &["domain_name"], ..DOMAINS };

/// The result of creating a domain, with all fields that the service returned.
#[derive(Deserialize)]
struct Created {
    domain_api_key: Secret,
    domain_api_secret: Secret,
    #[serde(flatten)]
    others: Map<String, Value>,
}

impl Created {
    /// Returns the result as JSON.
    fn into_json(self) -> Value {
        let mut fields = self.others;
        fields.insert("domain_api_key".to_owned(), self.domain_api_key.expose().into());
        fields.insert("domain_api_secret".to_owned(), self.domain_api_secret.expose().into());
        fields.into()
    }
}

const COUNTRY_CODES: OutputSchema = OutputSchema::open("country codes", "country_code_get", "");
const SPIDR: OutputSchema =
    OutputSchema::open("configurations", "domain_spidr_configuration_get", "/spidr_configuration");
const CONFIGURATION: OutputSchema = OutputSchema {
    name: "configurations",
    operation: "configuration_get",
    at: "",
    id: "domain_access_token",
    columns: &["domain_name"],
};
const ANONYMOUS: OutputSchema = OutputSchema {
    name: "users",
    operation: "anonymous_user_get",
    at: "",
    id: "full_user_id",
    columns: &["full_user_id"],
};
/// The response is undocumented.
const ANONYMOUS_BY_API_KEY: OutputSchema = OutputSchema::open("users", "anonymous_user_get_by_api_key", "");

impl Domain {
    pub(crate) async fn run(self, context: &Context) -> Result {
        match self {
            Self::List(list) => context.list(context.account()?.domains(), &DOMAINS, &ListView::new(&list)).await,
            Self::Show { limited: false } => context.show(context.domain()?.details(), &DOMAIN).await,
            Self::Show { limited: true } => context.show(context.domain()?.limited_details(), &LIMITED).await,
            Self::Create { name, project_name, save_profile } => {
                create(context, name, project_name, save_profile).await
            }
            Self::Delete { name, sure } => delete(context, &name, &sure).await,
            Self::CountryCodes { mcc } => {
                let mut call = context.domain()?.country_codes();
                if let Some(mcc) = mcc {
                    call = call.mcc(mcc);
                }
                context.show(call, &COUNTRY_CODES).await
            }
            Self::SpidrConfiguration => context.show(context.domain()?.spidr_configuration(), &SPIDR).await,
            Self::Configuration => context.show(context.domain_with_secret()?.configuration(), &CONFIGURATION).await,
            Self::AnonymousUser { by_api_key: false } => {
                context.show(context.domain()?.anonymous_user(), &ANONYMOUS).await
            }
            Self::AnonymousUser { by_api_key: true } => {
                context.show(context.domain()?.anonymous_user_by_api_key(), &ANONYMOUS_BY_API_KEY).await
            }
            Self::Register(command) => command.run(context).await,
            Self::LastSeen(seen) => {
                let users = context.full_user_ids_of_domain(seen.users).await?;
                last_seen::show(context, context.domain()?.last_seen(users)).await
            }
            Self::Token(command) => command.run(context, Level::Domain).await,
        }
    }
}

async fn create(context: &Context, name: String, project_name: Option<String>, profile: Option<String>) -> Result {
    let account = context.account()?;
    // The service returns the secret only once, so check first that the profile can be stored.
    let mut reserved = None;
    if let Some(profile) = &profile {
        check_new_profile(profile)?;
        if !context.is_dry_run() {
            check_can_save(profile, SaveOptions::default()).await?;
            reserved = Some((profile, Recovery::reserve(&name)?));
        }
    }
    let mut call = account.create_domain(name.as_str());
    if let Some(project_name) = project_name {
        call = call.project_name(project_name);
    }
    context.check_fields(&CREATED)?;
    let Some(created) = context.send_as::<Created>(call).await? else { return Ok(()) };
    let saved = match reserved {
        Some((profile, recovery)) => {
            let mut given = SettingValues::default();
            if let Ok(Some(file)) = context.ca_file() {
                given.add(Setting::CaFile, file.into());
            }
            let mut given = given.with_absolute_ca_file();
            given.add(Setting::DomainApiKey, created.domain_api_key.clone());
            given.add(Setting::DomainApiSecret, created.domain_api_secret.clone());
            save(context, &name, profile, &given, recovery).await
        }
        None => Ok(()),
    };
    // The domain exists, so print it even if storing the profile failed.
    let printed = context.output.object(&CREATED, created.into_json());
    saved.and(printed)
}

/// Stores the credentials of a new domain as a profile. They are in a recovery file until that succeeds.
async fn save(context: &Context, domain: &str, profile: &str, given: &SettingValues, mut recovery: Recovery) -> Result {
    let base_url = context.kandy()?.base_url();
    let kept = match recovery.write(base_url, given) {
        Ok(()) => Ok(recovery),
        Err(_) => Recovery::keep(domain, base_url, given),
    };
    match (save_profile(profile, base_url, given, SaveOptions::default()).await, kept) {
        (Ok(()), kept) => {
            drop(kept.map(Recovery::discard));
            context.output.status(format_args!("stored profile {profile:?} for {base_url}"));
            Ok(())
        }
        (Err(failure), Ok(kept)) => Err(Failure::local(format!(
            "domain {domain:?} was created, but profile {profile:?} was not stored: {failure}; {}",
            kept.advice(profile, base_url)
        ))),
        (Err(failure), Err(_)) => Err(Failure::local(format!(
            "domain {domain:?} was created, but profile {profile:?} was not stored: {failure}; \
             `kandy domain list --show-secrets --json` shows its credentials"
        ))),
    }
}

/// Deletes a domain by its API key, which the list of domains contains.
async fn delete(context: &Context, name: &str, sure: &NameConfirmation) -> Result {
    sure.check(context, "domain", name)?;
    let account = context.account()?;
    if context.is_dry_run() {
        context.unknown("domain_api_key", format!("the API key of domain {name:?}, which is looked up first"));
        return context.change(account.delete_domain(crate::context::UNKNOWN), "").await;
    }
    let found = account.domains().await?.into_iter().find(|domain| domain.name == name);
    let Some(domain) = found else {
        return Err(Failure::NotFound(format!(
            "The account has no domain {name:?}. List its domains with `kandy domain list`."
        )));
    };
    let users = match domain.number_of_users {
        Some(1) => "its user".to_owned(),
        Some(number) => format!("its {number} users"),
        None => "its users".to_owned(),
    };
    let facts = format!(
        "Deletes domain {name:?} with {users} and all that belongs to them: devices, messages, groups and sessions. This \
         cannot be undone."
    );
    sure.ask(context, "domain", name, &facts).await?;
    context.change(account.delete_domain(domain.api_key), format_args!("deleted domain {name:?}")).await
}
