use kandy_sys::{Client, types};

use crate::{
    Result, SessionId, check,
    error::result_of,
    pipeline::{Call, Request, request},
};

/// [`Session::start`](crate::Session::start), in the making.
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct StartSession {
    call: Call,
    body: types::SessionReference,
}

impl StartSession {
    pub(super) fn new(call: Call, session_id: &SessionId) -> Self {
        Self { call, body: types::SessionReference { session_id: session_id.to_string() } }
    }
}

request!(StartSession => ());

impl Request for StartSession {
    type Output = ();

    fn subject(&self) -> String {
        format!("session {:?}", self.body.session_id)
    }

    async fn run(&self, client: &Client) -> Result<()> {
        check::fits_query("session_id", &self.body.session_id)?;
        result_of("session_start", client.session_start(&self.body).await)?;
        Ok(())
    }
}

/// [`Session::stop`](crate::Session::stop), in the making.
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct StopSession {
    call: Call,
    body: types::SessionReference,
}

impl StopSession {
    pub(super) fn new(call: Call, session_id: &SessionId) -> Self {
        Self { call, body: types::SessionReference { session_id: session_id.to_string() } }
    }
}

request!(StopSession => ());

impl Request for StopSession {
    type Output = ();

    fn subject(&self) -> String {
        format!("session {:?}", self.body.session_id)
    }

    async fn run(&self, client: &Client) -> Result<()> {
        check::fits_query("session_id", &self.body.session_id)?;
        result_of("session_stop", client.session_stop(&self.body).await)?;
        Ok(())
    }
}

/// [`Session::delete`](crate::Session::delete), in the making.
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct DeleteSession {
    call: Call,
    body: types::SessionReference,
}

impl DeleteSession {
    pub(super) fn new(call: Call, session_id: &SessionId) -> Self {
        Self { call, body: types::SessionReference { session_id: session_id.to_string() } }
    }
}

request!(DeleteSession => ());

impl Request for DeleteSession {
    type Output = ();

    fn subject(&self) -> String {
        format!("session {:?}", self.body.session_id)
    }

    async fn run(&self, client: &Client) -> Result<()> {
        check::fits_query("session_id", &self.body.session_id)?;
        result_of("session_delete", client.session_delete(&self.body).await)?;
        Ok(())
    }
}
