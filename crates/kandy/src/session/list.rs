//! The lists of sessions: all, those of a type, and those that the user created. Depends on `details`.

use kandy_sys::{Call, Client, Envelope, types};

use super::SessionDetails;
use crate::{
    Result, check,
    decode::Decoded,
    pipeline::{CallContext, CallSpec, request},
};

/// Builder for [`User::sessions`](crate::User::sessions).
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct ListSessions {
    call: CallContext,
    session_type: Option<String>,
}

impl ListSessions {
    pub(super) fn new(call: CallContext) -> Self {
        Self { call, session_type: None }
    }

    /// Filters by type. Older versions of the one known client send it; newer ones call
    /// [`sessions_by_type`](crate::User::sessions_by_type).
    pub fn session_type(mut self, session_type: impl Into<String>) -> Self {
        self.session_type = Some(session_type.into());
        self
    }
}

request!(ListSessions => Vec<SessionDetails>);

impl CallSpec for ListSessions {
    type Response = Envelope<types::SessionList>;
    type Output = Vec<SessionDetails>;

    fn subject(&self) -> String {
        "the domain".to_owned()
    }

    fn describe<'a>(&'a self, api: &'a Client) -> Result<Call<'a, Self::Response>> {
        if let Some(session_type) = &self.session_type {
            check::fits_query("session_type", session_type)?;
        }
        Ok(api.session_list(self.session_type.as_deref()))
    }

    fn read(&self, list: Decoded<Self::Response>) -> Result<Vec<SessionDetails>> {
        read(list)
    }
}

/// Builder for [`User::sessions_by_type`](crate::User::sessions_by_type).
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct ListSessionsByType {
    call: CallContext,
    session_type: String,
}

impl ListSessionsByType {
    pub(super) fn new(call: CallContext, session_type: String) -> Self {
        Self { call, session_type }
    }
}

request!(ListSessionsByType => Vec<SessionDetails>);

impl CallSpec for ListSessionsByType {
    type Response = Envelope<types::SessionList>;
    type Output = Vec<SessionDetails>;

    fn subject(&self) -> String {
        format!("type {:?}", self.session_type)
    }

    fn describe<'a>(&'a self, api: &'a Client) -> Result<Call<'a, Self::Response>> {
        check::fits_query("session_type", &self.session_type)?;
        Ok(api.session_list_by_type(&self.session_type))
    }

    fn read(&self, list: Decoded<Self::Response>) -> Result<Vec<SessionDetails>> {
        read(list)
    }
}

/// Builder for [`User::own_sessions`](crate::User::own_sessions).
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct ListOwnSessions {
    call: CallContext,
}

impl ListOwnSessions {
    pub(super) fn new(call: CallContext) -> Self {
        Self { call }
    }
}

request!(ListOwnSessions => Vec<SessionDetails>);

impl CallSpec for ListOwnSessions {
    type Response = Envelope<types::SessionList>;
    type Output = Vec<SessionDetails>;

    fn subject(&self) -> String {
        "the user".to_owned()
    }

    fn describe<'a>(&'a self, api: &'a Client) -> Result<Call<'a, Self::Response>> {
        Ok(api.session_list_by_creator())
    }

    fn read(&self, list: Decoded<Self::Response>) -> Result<Vec<SessionDetails>> {
        read(list)
    }
}

fn read(list: types::SessionList) -> Result<Vec<SessionDetails>> {
    let sessions = list.sessions.into_iter().enumerate();
    // The path is computed only for an error.
    let read = |(at, session)| SessionDetails::read_at(|| format!("result.sessions[{at}]"), session);
    sessions.map(read).collect()
}
