use kandy_sys::{Client, types};

use super::SessionDetails;
use crate::{
    Result, check,
    error::result_of,
    pipeline::{Call, Request, request},
};

/// [`User::sessions`](crate::User::sessions), in the making.
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct ListSessions {
    call: Call,
    session_type: Option<String>,
}

impl ListSessions {
    pub(super) fn new(call: Call) -> Self {
        Self { call, session_type: None }
    }

    /// Lists only the sessions of this type. Older versions of the one client send it; newer ones call
    /// [`sessions_by_type`](crate::User::sessions_by_type).
    pub fn session_type(mut self, session_type: impl Into<String>) -> Self {
        self.session_type = Some(session_type.into());
        self
    }
}

request!(ListSessions => Vec<SessionDetails>);

impl Request for ListSessions {
    type Output = Vec<SessionDetails>;

    fn subject(&self) -> String {
        "the domain".to_owned()
    }

    async fn run(&self, client: &Client) -> Result<Vec<SessionDetails>> {
        if let Some(session_type) = &self.session_type {
            check::fits_query("session_type", session_type)?;
        }
        let list = result_of("session_list", client.session_list(self.session_type.as_deref()).await)?;
        read("session_list", list)
    }
}

/// [`User::sessions_by_type`](crate::User::sessions_by_type), in the making.
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct ListSessionsByType {
    call: Call,
    session_type: String,
}

impl ListSessionsByType {
    pub(super) fn new(call: Call, session_type: String) -> Self {
        Self { call, session_type }
    }
}

request!(ListSessionsByType => Vec<SessionDetails>);

impl Request for ListSessionsByType {
    type Output = Vec<SessionDetails>;

    fn subject(&self) -> String {
        format!("type {:?}", self.session_type)
    }

    async fn run(&self, client: &Client) -> Result<Vec<SessionDetails>> {
        check::fits_query("session_type", &self.session_type)?;
        let list = result_of("session_list_by_type", client.session_list_by_type(&self.session_type).await)?;
        read("session_list_by_type", list)
    }
}

/// [`User::own_sessions`](crate::User::own_sessions), in the making.
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct ListOwnSessions {
    call: Call,
}

impl ListOwnSessions {
    pub(super) fn new(call: Call) -> Self {
        Self { call }
    }
}

request!(ListOwnSessions => Vec<SessionDetails>);

impl Request for ListOwnSessions {
    type Output = Vec<SessionDetails>;

    fn subject(&self) -> String {
        "the user".to_owned()
    }

    async fn run(&self, client: &Client) -> Result<Vec<SessionDetails>> {
        let list = result_of("session_list_by_creator", client.session_list_by_creator().await)?;
        read("session_list_by_creator", list)
    }
}

fn read(operation: &'static str, list: types::SessionList) -> Result<Vec<SessionDetails>> {
    let sessions = list.sessions.into_iter().enumerate();
    let read = |(at, session)| SessionDetails::read(operation, || format!("result.sessions[{at}]"), session);
    sessions.map(read).collect()
}
