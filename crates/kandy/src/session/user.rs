//! The calls of a [`User`] that create, find and list sessions. Depends on the builders of the other files here.

use super::{CreateSession, GetSessionByName, ListOwnSessions, ListSessions, ListSessionsByType, Session};
use crate::{SessionId, User, pipeline::CallContext};

/// The sessions of a user's domain.
impl User {
    /// Creates a session, of which this user is the admin. It is inactive until it is [started](Session::start).
    ///
    /// Which fields the service requires is not known. The call is not retried after it may have been applied, because
    /// that could create two sessions: see [`may_have_been_applied`](crate::Error::may_have_been_applied).
    ///
    /// Operation `session_create`, confidence C: seen in one client.
    ///
    /// ```
    /// # async fn example(russ: kandy::User) -> kandy::Result<()> {
    /// let create = russ.create_session().session_type("support").name("help").nickname("Russ");
    /// let help = russ.session(create.await?.session_id);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Api`](crate::Error::Api), [`Error::Transport`](crate::Error::Transport),
    /// [`Error::Decode`](crate::Error::Decode).
    pub fn create_session(&self) -> CreateSession {
        CreateSession::new(CallContext::new(&self.client))
    }

    /// Returns a handle for a session in this user's domain. Sends nothing.
    ///
    /// ```
    /// # async fn example(russ: kandy::User) -> kandy::Result<()> {
    /// let help = russ.session("0af3");
    /// help.join().await?;
    /// # Ok(()) }
    /// ```
    pub fn session(&self, session_id: impl Into<SessionId>) -> Session {
        Session { client: self.client.clone(), raw: self.raw().clone(), id: session_id.into() }
    }

    /// Returns the details of the session with this name.
    ///
    /// Whether names are unique is not known. That the response has the form of that of [`Session::details`] is
    /// assumed.
    ///
    /// Operation `session_get_by_name`, confidence C: seen in one client.
    ///
    /// ```
    /// # async fn example(russ: kandy::User) -> kandy::Result<()> {
    /// let details = russ.session_by_name("help").await?;
    /// russ.session(details.session_id).join().await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Argument`](crate::Error::Argument) when the name is empty;
    /// [`is_not_found`](crate::Error::is_not_found); [`Error::Api`](crate::Error::Api),
    /// [`Error::Transport`](crate::Error::Transport), [`Error::Decode`](crate::Error::Decode).
    pub fn session_by_name(&self, name: impl Into<String>) -> GetSessionByName {
        GetSessionByName::new(CallContext::new(&self.client), name.into())
    }

    /// Lists the open sessions.
    ///
    /// Operation `session_list`, confidence C: seen in one client.
    ///
    /// ```
    /// # async fn example(russ: kandy::User) -> kandy::Result<()> {
    /// for session in russ.sessions().await? {
    ///     println!("{} {:?}: {} users", session.session_id, session.name, session.participants.len());
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Argument`](crate::Error::Argument) when a type is given that is empty;
    /// [`Error::Api`](crate::Error::Api), [`Error::Transport`](crate::Error::Transport),
    /// [`Error::Decode`](crate::Error::Decode).
    pub fn sessions(&self) -> ListSessions {
        ListSessions::new(CallContext::new(&self.client))
    }

    /// Lists the open sessions of a type, such as `support` or `cobrowsing`. Newer versions of the one known client
    /// call this, older ones [`sessions`](Self::sessions) with a type.
    ///
    /// Operation `session_list_by_type`, confidence C: seen in one client.
    ///
    /// ```
    /// # async fn example(russ: kandy::User) -> kandy::Result<()> {
    /// let waiting = russ.sessions_by_type("support").await?;
    /// println!("{} sessions", waiting.len());
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Argument`](crate::Error::Argument) when the type is empty; [`Error::Api`](crate::Error::Api),
    /// [`Error::Transport`](crate::Error::Transport), [`Error::Decode`](crate::Error::Decode).
    pub fn sessions_by_type(&self, session_type: impl Into<String>) -> ListSessionsByType {
        ListSessionsByType::new(CallContext::new(&self.client), session_type.into())
    }

    /// Lists the open sessions that this user created.
    ///
    /// Operation `session_list_by_creator`, confidence C: seen in one client.
    ///
    /// ```
    /// # async fn example(russ: kandy::User) -> kandy::Result<()> {
    /// for session in russ.own_sessions().await? {
    ///     russ.session(session.session_id).delete().await?;
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Api`](crate::Error::Api), [`Error::Transport`](crate::Error::Transport),
    /// [`Error::Decode`](crate::Error::Decode).
    pub fn own_sessions(&self) -> ListOwnSessions {
        ListOwnSessions::new(CallContext::new(&self.client))
    }
}
