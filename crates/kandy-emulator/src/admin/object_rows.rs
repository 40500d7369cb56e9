//! The rows of the lists of objects: in which order each kind is walked, what a search compares, and what a row shows. No row has
//! a credential.
//!
//! Depends on `state`. Begin with [`rows`].

use std::fmt::Write;

use kandy_sys::operation::Level;
use serde_json::{Value, json};

use crate::state::{Device, Domain, DomainNo, Group, ListedToken, Session, State, TokenOwner, User, UserNo, id::Id};

/// A kind of objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Domains,
    Users,
    Devices,
    Groups,
    Sessions,
    Tokens,
}

impl Kind {
    pub(super) const ALL: [Self; 6] =
        [Self::Domains, Self::Users, Self::Devices, Self::Groups, Self::Sessions, Self::Tokens];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Domains => "domains",
            Self::Users => "users",
            Self::Devices => "devices",
            Self::Groups => "groups",
            Self::Sessions => "sessions",
            Self::Tokens => "tokens",
        }
    }
}

/// An object of a list.
pub(super) enum Row<'a> {
    Domain(&'a Domain),
    User(UserNo, &'a User),
    Device(&'a Device),
    Group(Id, &'a Group),
    Session(&'a Session),
    Token(ListedToken),
}

type Rows<'a> = Box<dyn Iterator<Item = (u128, Row<'a>)> + 'a>;

/// The objects of a kind after one of them, each with its key: tokens newest first, devices by user, groups by id, and the others
/// oldest first. None if no object of the kind can have the key.
pub(super) fn rows(state: &State, kind: Kind, after: Option<u128>) -> Option<Rows<'_>> {
    Some(match kind {
        Kind::Domains => {
            let after = after.map(u32::try_from).transpose().ok()?.map(DomainNo::from);
            Box::new(state.domains.after(after).map(|(no, domain)| (u32::from(no).into(), Row::Domain(domain))))
        }
        Kind::Users => {
            let after = after.map(u32::try_from).transpose().ok()?.map(UserNo::from);
            Box::new(state.users.after(after).map(|(no, user)| (u32::from(no).into(), Row::User(no, user))))
        }
        Kind::Devices => {
            let after = match after {
                None => None,
                Some(key) => {
                    Some((u32::try_from(key >> 64).ok()?.into(), u32::try_from(key & u128::from(u64::MAX)).ok()?))
                }
            };
            let devices = state.devices.after(after);
            Box::new(
                devices.map(|((user, no), device)| {
                    (u128::from(u32::from(user)) << 64 | u128::from(no), Row::Device(device))
                }),
            )
        }
        Kind::Groups => {
            let groups = state.groups.after(after.map(Id::from_bits));
            Box::new(groups.map(|(id, group)| (id.to_bits(), Row::Group(id, group))))
        }
        Kind::Sessions => {
            let after = after.map(u64::try_from).transpose().ok()?;
            Box::new(state.sessions.after(after).map(|(no, session)| (no.into(), Row::Session(session))))
        }
        Kind::Tokens => {
            let before = after.map(u64::try_from).transpose().ok()?;
            Box::new(state.tokens.before(before).map(|(no, token)| (no.into(), Row::Token(token))))
        }
    })
}

impl Row<'_> {
    /// Whether the API finds it: what a deleted domain leaves is removed in chunks, and sessions and tokens end by the clock.
    pub(super) fn exists(&self, state: &State, now: u64) -> bool {
        let user_exists = |user: UserNo| state.exists(TokenOwner::User(user));
        match self {
            Self::Domain(_) => true,
            Self::User(no, _) => user_exists(*no),
            Self::Device(device) => user_exists(device.user),
            Self::Group(_, group) => group.members().next().is_some_and(|member| user_exists(member.user)),
            Self::Session(session) => now < session.expires,
            Self::Token(token) => state.exists(token.owner),
        }
    }

    /// Writes what a search compares, as lines: ids and names.
    pub(super) fn write_text(&self, state: &State, text: &mut String) {
        let mut line = |part: Option<&str>| {
            if let Some(part) = part {
                text.push_str(part);
                text.push('\n');
            }
        };
        match self {
            Self::Domain(domain) => {
                line(Some(&domain.name));
                line(domain.project_name.as_deref());
            }
            Self::User(_, user) => {
                for part in [user.first_name(), user.last_name(), user.email(), user.phone_number()] {
                    line(part);
                }
                write_user(state, user, text);
            }
            Self::Device(device) => {
                if let Some(details) = &device.details {
                    line(details.name.as_deref());
                    line(details.family.as_deref());
                    line(Some(&details.native_id));
                }
                write_id(text, format_args!("{:X}", device.id));
                write_user_no(state, device.user, text);
            }
            Self::Group(id, group) => {
                line(group.name.as_deref());
                write_id(text, format_args!("{id:x}"));
            }
            Self::Session(session) => {
                line(session.name.as_deref());
                line(session.session_type.as_deref());
                write_id(text, format_args!("{:x}", session.id));
                write_user_no(state, session.admin, text);
            }
            Self::Token(token) => {
                line(Some(&token.masked));
                line(Some(&level(token.owner).to_string()));
                match token.owner {
                    TokenOwner::Account => {}
                    TokenOwner::Domain(domain) => line(state.domains.get(domain).map(|domain| &*domain.name)),
                    TokenOwner::User(user) => write_user_no(state, user, text),
                }
            }
        }
    }

    /// What a row shows.
    pub(super) fn describe(&self, state: &State, now: u64) -> Value {
        let full_user_id = |user: UserNo| state.users.get(user).map(|user| state.full_user_id(user));
        match self {
            Self::Domain(domain) => json!({
                "name": domain.name,
                "project_name": domain.project_name,
                "users": domain.number_of_users(),
                "created_ms": domain.created,
            }),
            Self::User(no, user) => {
                // A user has no time of creation, but the device that is created with it has one.
                let created = state.devices.of(*no).find(|device| device.details.is_none());
                json!({
                    "full_user_id": state.full_user_id(user),
                    "first_name": user.first_name(),
                    "last_name": user.last_name(),
                    "email": user.email(),
                    "phone_number": user.phone_number(),
                    "devices": state.devices.of(*no).count(),
                    "created_ms": created.map(|device| device.registered),
                    "last_seen_ms": Some(user.last_seen).filter(|seen| *seen > 0),
                })
            }
            Self::Device(device) => {
                let details = device.details.as_ref();
                json!({
                    "id": format!("{:X}", device.id),
                    "name": details.and_then(|details| details.name.as_deref()),
                    "owner": full_user_id(device.user),
                    "family": details.and_then(|details| details.family.as_deref()),
                    "native_id": details.map(|details| &details.native_id),
                    "pending_messages": device.count_pending(),
                    "registered_ms": device.registered,
                })
            }
            Self::Group(id, group) => json!({
                "id": format!("{id:x}"),
                "name": group.name,
                "owner": group.members().find(|member| member.is_owner).and_then(|owner| full_user_id(owner.user)),
                "members": group.members().len(),
                "created_ms": group.created,
            }),
            Self::Session(session) => json!({
                "id": format!("{:x}", session.id),
                "name": session.name,
                "kind": session.session_type,
                "admin": full_user_id(session.admin),
                "state": if session.is_active { "active" } else { "inactive" },
                "participants": session.count_participants(),
                "created_ms": session.created,
                "left_ms": session.expires.saturating_sub(now),
            }),
            Self::Token(token) => {
                let state_name = match token.is_revoked {
                    true => "revoked",
                    false if now >= token.expires => "expired",
                    false => "live",
                };
                json!({
                    "token": token.masked,
                    "level": level(token.owner).to_string(),
                    "owner": match token.owner {
                        TokenOwner::Account => None,
                        TokenOwner::Domain(domain) => state.domains.get(domain).map(|domain| domain.name.to_string()),
                        TokenOwner::User(user) => full_user_id(user),
                    },
                    "state": state_name,
                    "left_ms": token.expires.saturating_sub(now),
                })
            }
        }
    }
}

fn level(owner: TokenOwner) -> Level {
    match owner {
        TokenOwner::Account => Level::Account,
        TokenOwner::Domain(_) => Level::Domain,
        TokenOwner::User(_) => Level::User,
    }
}

fn write_id(text: &mut String, id: std::fmt::Arguments<'_>) {
    // Writing to a text does not fail.
    let _ = writeln!(text, "{id}");
}

/// Without the text of its own that `full_user_id` allocates: a search visits many.
fn write_user(state: &State, user: &User, text: &mut String) {
    text.push_str(user.user_id());
    text.push('@');
    text.push_str(state.domains.get(user.domain).map_or("", |domain| &domain.name));
    text.push('\n');
}

fn write_user_no(state: &State, user: UserNo, text: &mut String) {
    if let Some(user) = state.users.get(user) {
        write_user(state, user, text);
    }
}
