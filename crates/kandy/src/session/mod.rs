//! Sessions: users who browse together or exchange data, with one of them in charge.

mod create;
mod details;
mod list;
mod participants;
mod start_stop;
mod user;

pub use create::{CreateSession, CreatedSession};
pub use details::{GetSessionByName, GetSessionDetails, Participant, SessionDetails};
use kandy_sys::Client;
pub use list::{ListOwnSessions, ListSessions, ListSessionsByType};
pub use participants::{AcceptParticipant, BootParticipant, JoinSession, LeaveSession, RejectParticipant};
pub use start_stop::{DeleteSession, StartSession, StopSession};

use crate::{
    FullUserId, SessionId,
    pipeline::{AuthenticatedClient, CallContext, HandleArc},
};

/// A session, as a user of its domain sees it: users who browse together or exchange data.
///
/// The user who created it is its admin, who starts and stops it and decides who takes part.
///
/// Made by [`User::session`](crate::User::session). It is cheap to clone, and shares the access token of its user.
/// Only one client was seen to call the operations behind it, so they are of confidence C.
///
/// ```
/// # async fn example(russ: kandy::User, anna: kandy::User) -> kandy::Result<()> {
/// let created = russ.create_session().session_type("support").name("help").await?;
/// let help = russ.session(&created.session_id);
/// help.start().await?;
/// anna.session(created.session_id).join().nickname("Anna").await?;
/// help.accept("anna@example.com").await?;
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct Session {
    client: HandleArc<AuthenticatedClient>,
    raw: Client,
    id: SessionId,
}

impl Session {
    /// The id of the session.
    pub fn id(&self) -> &SessionId {
        &self.id
    }

    /// What is known of the session, and who takes part or has asked to.
    ///
    /// Operation `session_get`, confidence C: seen in one client.
    ///
    /// ```
    /// # async fn example(help: kandy::Session) -> kandy::Result<()> {
    /// for participant in help.details().await?.participants {
    ///     println!("{:?} {:?}", participant.full_user_id, participant.status);
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Argument`](crate::Error::Argument) when the session id is empty;
    /// [`is_not_found`](crate::Error::is_not_found); [`Error::Api`](crate::Error::Api),
    /// [`Error::Transport`](crate::Error::Transport), [`Error::Decode`](crate::Error::Decode).
    pub fn details(&self) -> GetSessionDetails {
        GetSessionDetails::new(self.call(), self.id.clone())
    }

    /// Starts the session: it is active from then on. Its admin does that.
    ///
    /// Operation `session_start`, confidence C: seen in one client.
    ///
    /// ```
    /// # async fn example(help: kandy::Session) -> kandy::Result<()> {
    /// help.start().await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Argument`](crate::Error::Argument) when the session id is empty;
    /// [`is_not_found`](crate::Error::is_not_found); [`Error::Api`](crate::Error::Api),
    /// [`Error::Transport`](crate::Error::Transport).
    pub fn start(&self) -> StartSession {
        StartSession::new(self.call(), &self.id)
    }

    /// Stops the session: it is inactive from then on, and can be started again. Its admin does that.
    ///
    /// Operation `session_stop`, confidence C: seen in one client.
    ///
    /// ```
    /// # async fn example(help: kandy::Session) -> kandy::Result<()> {
    /// help.stop().await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Argument`](crate::Error::Argument) when the session id is empty;
    /// [`is_not_found`](crate::Error::is_not_found); [`Error::Api`](crate::Error::Api),
    /// [`Error::Transport`](crate::Error::Transport).
    pub fn stop(&self) -> StopSession {
        StopSession::new(self.call(), &self.id)
    }

    /// Ends the session for good. Its admin does that.
    ///
    /// Operation `session_delete`, confidence C: seen in one client.
    ///
    /// ```
    /// # async fn example(help: kandy::Session) -> kandy::Result<()> {
    /// help.delete().await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Argument`](crate::Error::Argument) when the session id is empty;
    /// [`is_not_found`](crate::Error::is_not_found); [`Error::Api`](crate::Error::Api),
    /// [`Error::Transport`](crate::Error::Transport).
    pub fn delete(&self) -> DeleteSession {
        DeleteSession::new(self.call(), &self.id)
    }

    /// Asks the admin of the session to let the user in, who waits until they [accept](Self::accept).
    ///
    /// Operation `session_join`, confidence C: seen in one client.
    ///
    /// ```
    /// # async fn example(help: kandy::Session) -> kandy::Result<()> {
    /// help.join().nickname("Anna").first_name("Anna").last_name("Archer").await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Argument`](crate::Error::Argument) when the session id is empty;
    /// [`is_not_found`](crate::Error::is_not_found); [`Error::Api`](crate::Error::Api),
    /// [`Error::Transport`](crate::Error::Transport).
    pub fn join(&self) -> JoinSession {
        JoinSession::new(self.call(), &self.id)
    }

    /// Takes the user out of the session.
    ///
    /// Operation `session_leave`, confidence C: seen in one client.
    ///
    /// ```
    /// # async fn example(help: kandy::Session) -> kandy::Result<()> {
    /// help.leave().reason("all is well again").await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Argument`](crate::Error::Argument) when the session id is empty;
    /// [`is_not_found`](crate::Error::is_not_found); [`Error::Api`](crate::Error::Api),
    /// [`Error::Transport`](crate::Error::Transport).
    pub fn leave(&self) -> LeaveSession {
        LeaveSession::new(self.call(), &self.id)
    }

    /// Lets a user in who asked to [join](Self::join). The admin of the session does that. The user is named by user
    /// id and domain: `anna@example.com`.
    ///
    /// Operation `session_participant_accept`, confidence C: seen in one client.
    ///
    /// ```
    /// # async fn example(help: kandy::Session) -> kandy::Result<()> {
    /// help.accept("anna@example.com").await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Argument`](crate::Error::Argument) when the session id is empty, or the user is not of the form
    /// `user@domain.name`; [`is_not_found`](crate::Error::is_not_found); [`Error::Api`](crate::Error::Api),
    /// [`Error::Transport`](crate::Error::Transport).
    pub fn accept(&self, full_user_id: impl Into<FullUserId>) -> AcceptParticipant {
        AcceptParticipant::new(self.call(), &self.id, full_user_id.into())
    }

    /// Turns down a user who asked to [join](Self::join). The admin of the session does that. The user is named by
    /// user id and domain: `anna@example.com`.
    ///
    /// Operation `session_participant_reject`, confidence C: seen in one client.
    ///
    /// ```
    /// # async fn example(help: kandy::Session) -> kandy::Result<()> {
    /// help.reject("anna@example.com").reason("we are closed").await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Argument`](crate::Error::Argument) when the session id is empty, or the user is not of the form
    /// `user@domain.name`; [`is_not_found`](crate::Error::is_not_found); [`Error::Api`](crate::Error::Api),
    /// [`Error::Transport`](crate::Error::Transport).
    pub fn reject(&self, full_user_id: impl Into<FullUserId>) -> RejectParticipant {
        RejectParticipant::new(self.call(), &self.id, full_user_id.into())
    }

    /// Throws a participant out of the session. Its admin does that. The user is named by user id and domain:
    /// `anna@example.com`.
    ///
    /// Operation `session_participant_boot`, confidence C: seen in one client.
    ///
    /// ```
    /// # async fn example(help: kandy::Session) -> kandy::Result<()> {
    /// help.boot("anna@example.com").reason("it is late").await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Argument`](crate::Error::Argument) when the session id is empty, or the user is not of the form
    /// `user@domain.name`; [`is_not_found`](crate::Error::is_not_found); [`Error::Api`](crate::Error::Api),
    /// [`Error::Transport`](crate::Error::Transport).
    pub fn boot(&self, full_user_id: impl Into<FullUserId>) -> BootParticipant {
        BootParticipant::new(self.call(), &self.id, full_user_id.into())
    }

    /// The generated client, with the token handling of the user, for what is not wrapped.
    ///
    /// ```
    /// # async fn example(help: kandy::Session) -> Result<(), Box<dyn std::error::Error>> {
    /// let details = help.raw().session_get(help.id().as_str()).await?.into_inner().into_result()?;
    /// # Ok(()) }
    /// ```
    pub fn raw(&self) -> &Client {
        &self.raw
    }

    fn call(&self) -> CallContext {
        CallContext::new(&self.client)
    }
}
