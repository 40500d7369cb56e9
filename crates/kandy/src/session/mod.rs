//! Sessions, in which users browse together or exchange data, administered by one of them. Depends on the pipeline;
//! begin reading at [`Session`]. `user.rs` has the calls that create and list sessions.

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

/// A handle for a session, in which users of a domain browse together or exchange data.
///
/// The user who created the session is its admin, who starts and stops it and accepts participants.
///
/// Returned by [`User::session`](crate::User::session). Cheap to clone; it shares the access token of its user. Its
/// operations were seen in one client only, so they are of confidence C.
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
    /// Returns the id of the session.
    pub fn id(&self) -> &SessionId {
        &self.id
    }

    /// Returns the details of the session, with its participants and the users who have asked to join.
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

    /// Starts the session, which makes it active. Its admin calls this.
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

    /// Stops the session, which makes it inactive; it can be started again. Its admin calls this.
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

    /// Deletes the session. Its admin calls this.
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

    /// Asks to join the session. The user becomes a participant when its admin [accepts](Self::accept) the request.
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

    /// Leaves the session.
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

    /// Accepts a user who asked to [join](Self::join). The admin of the session calls this. The user is given by user
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

    /// Rejects a user who asked to [join](Self::join). The admin of the session calls this. The user is given by user
    /// id and domain: `anna@example.com`.
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

    /// Removes a participant from the session. Its admin calls this. The user is given by user id and domain:
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

    /// Returns the generated client with the access token of the user, for calls that are not wrapped.
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

    /// Returns a handle of the user whose access token this handle uses.
    #[cfg(feature = "push")]
    pub(crate) fn user(&self) -> crate::User {
        crate::User::new(self.client.clone())
    }
}
