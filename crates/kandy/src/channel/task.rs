//! [`Task`]: keeps a channel open, and opens it again when it is lost.
//!
//! Depends on `address`, `upgrade`, `connection` and `reconnect`. Begin reading at [`Task::run`].

use std::{collections::HashMap, pin::pin, time::Duration};

use futures_util::future;
use kandy_sys::{Operation, SecretMask};
use tokio::sync::mpsc;

use super::{
    address,
    connection::{Connection, Ended, Item},
    failure::failure,
    outgoing::Outgoing,
    reconnect::Reconnect,
    upgrade::{self, Socket},
};
use crate::{ChannelState, Error, Observer, Result, User, check, error::Phase, metrics::Counted, pipeline::trace};

/// A connection that ends within this time twice in a row was closed because of its token, as far as one can know: how
/// the service refuses one is not on record.
const SUSPICIOUS_END: Duration = Duration::from_secs(2);

/// The operation that names the server of the channel. Errors of a channel name it.
const OPERATION: &Operation = Operation::named("data_channel_configuration_get");

/// The task of a channel.
pub(super) struct Task {
    pub(super) user: User,
    pub(super) software: (String, String),
    pub(super) items: mpsc::Sender<Item>,
    pub(super) outgoing: mpsc::Receiver<Box<Outgoing>>,
    pub(super) token: TokenState,
}

/// What is known of the access token of the channel.
#[derive(Default)]
pub(super) struct TokenState {
    /// The number of the token of the last attempt.
    used: Option<u64>,
    /// The number of a token that the channel was refused with.
    refused: Option<u64>,
    /// The connections in a row that ended at once.
    short: u32,
    /// Whether the token was renewed since the last connection that lasted.
    is_renewed: bool,
}

impl Task {
    /// Runs until the owner drops the channel, or until it can never be opened.
    pub(super) async fn run(mut self) {
        let clock = self.user.client.inner.clock.clone();
        let mut reconnect = Reconnect::default();
        loop {
            let error = match self.open().await {
                Ok((socket, mask)) => {
                    let begin = clock.now();
                    let inner = self.user.client.inner.clone();
                    let counted = Counted::new(&inner.gauges.channels);
                    self.announce(&ChannelState::Connected);
                    let connection = Connection {
                        socket,
                        clock: clock.clone(),
                        operation: OPERATION,
                        mask,
                        items: &self.items,
                        outgoing: &mut self.outgoing,
                        responses: HashMap::new(),
                        heard: begin,
                    };
                    let Ended { error, undelivered } = connection.run().await;
                    drop(counted);
                    let lasted = clock.now().saturating_duration_since(begin);
                    self.token.connection_ended(lasted, self.user.client.source.can_mint());
                    reconnect.connection_ended(lasted);
                    for item in undelivered {
                        if self.items.send(item).await.is_err() {
                            return;
                        }
                    }
                    error
                }
                Err(error) if self.token.renew_after(&error, self.user.client.source.can_mint()) => continue,
                Err(error) if is_final(&error) => {
                    self.change(ChannelState::Ended { error }).await;
                    return;
                }
                Err(error) => error,
            };
            let asked = error.retry_after();
            let retry_in = reconnect.wait(clock.as_ref(), asked);
            if !self.change(ChannelState::Lost { retry_in, error }).await {
                return;
            }
            let closed = pin!(self.items.closed());
            future::select(closed, clock.sleep(retry_in)).await;
        }
    }

    /// Opens a connection. The service may name another server each time.
    async fn open(&mut self) -> Result<(Socket, SecretMask)> {
        let (sw_type, sw_version) = &self.software;
        check::fit_query(&[("sw_type", Some(sw_type)), ("sw_version", Some(sw_version))])?;
        let client = &self.user.client;
        let configuration = self.user.data_channel_configuration().await?;
        let server = address::server(&configuration, client.inner.channels.allows_plain_http())?;
        trace::channel_opens(server.host());
        let token = client.cached_token(self.token.refused.take()).await?;
        self.token.used = Some(token.number());
        let url = address::url(&server, &self.software, &token.token);
        let url = url.ok_or_else(|| failure(OPERATION.id, Phase::Setup, "the address is not a URL"))?;
        let mask = SecretMask::of_url(&url);
        Ok((upgrade::open(&client.inner, OPERATION, url).await?, mask))
    }

    /// Reports a change. Returns whether the channel still exists.
    async fn change(&self, state: ChannelState) -> bool {
        self.announce(&state);
        self.items.send(Item::State(state)).await.is_ok()
    }

    /// Reports a change to the trace and to the observers.
    fn announce(&self, state: &ChannelState) {
        trace::channel_changed(state);
        self.user.client.inner.observers.channel_changed(state);
    }
}

impl TokenState {
    /// Whether a refusal is followed by an attempt with a new token at once.
    fn renew_after(&mut self, error: &Error, can_mint: bool) -> bool {
        error.is_unauthorized() && can_mint && self.renew()
    }

    /// Records how long a connection lasted.
    fn connection_ended(&mut self, lasted: Duration, can_mint: bool) {
        if lasted > SUSPICIOUS_END {
            (self.short, self.is_renewed) = (0, false);
            return;
        }
        self.short += 1;
        if self.short >= 2 && can_mint {
            self.renew();
        }
    }

    /// Makes the next attempt use a new token, unless the one that was used is new already.
    fn renew(&mut self) -> bool {
        if std::mem::replace(&mut self.is_renewed, true) {
            return false;
        }
        self.refused = self.used;
        self.refused.is_some()
    }
}

/// Whether no other attempt can succeed.
fn is_final(error: &Error) -> bool {
    matches!(error, Error::Argument(_)) || error.is_unauthorized() || error.is_not_found()
}
