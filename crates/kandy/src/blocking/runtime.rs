//! [`Runtime`]: the thread of a client, which runs its futures, and [`PendingCall`], the result that a caller waits for.
//! Depends on `error` only. Begin reading at [`Runtime::start_call`].

use std::{
    fmt,
    panic::{AssertUnwindSafe, resume_unwind},
    sync::{Arc, mpsc},
    thread::{self, ThreadId},
};

use futures_util::{
    FutureExt,
    future::{AbortHandle, abortable},
};
use kandy_sys::BoxFuture;
use tokio::{
    runtime::Handle,
    sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
};
use tracing::instrument::{Instrument as _, WithSubscriber as _};

use crate::{
    Clock, Error, Result,
    error::{Phase, TransportError},
};

/// What the thread runs: a future that sends its own result.
type Job = BoxFuture<'static, ()>;

/// Access to the thread of a client. The thread ends when the last clone is dropped.
#[derive(Clone)]
pub(crate) struct Runtime {
    jobs: UnboundedSender<Job>,
    thread: ThreadId,
    handle: Handle,
    clock: Arc<dyn Clock>,
}

impl Runtime {
    /// Starts the thread, with a tokio runtime that uses no other thread for tasks.
    pub(super) fn start(clock: Arc<dyn Clock>) -> Result<Self> {
        Self::start_in(thread::Builder::new().name("kandy-blocking".to_owned()), clock)
    }

    fn start_in(thread: thread::Builder, clock: Arc<dyn Clock>) -> Result<Self> {
        let (jobs, queue) = unbounded_channel();
        let (started, has_started) = mpsc::sync_channel(1);
        // The runtime is built on its thread, because one that is dropped in an async context panics.
        let thread = thread.spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            match runtime {
                Err(error) => drop(started.send(Err(error))),
                Ok(runtime) => {
                    let _ = started.send(Ok(runtime.handle().clone()));
                    runtime.block_on(run(queue));
                }
            }
        });
        let thread = thread.map_err(|error| failure(Phase::Setup, error))?;
        match has_started.recv() {
            Ok(Ok(handle)) => Ok(Self { jobs, thread: thread.thread().id(), handle, clock }),
            Ok(Err(error)) => Err(failure(Phase::Setup, error)),
            Err(_) => Err(ended()),
        }
    }

    /// Sends a future to the thread, which begins to run it at once.
    pub(super) fn start_call<F>(&self, future: F) -> PendingCall<F::Output>
    where
        F: Future<Output: Send + 'static> + Send + 'static,
    {
        if let Err(error) = self.check() {
            return PendingCall::failed(error);
        }
        let (sender, receiver) = mpsc::sync_channel(1);
        let (future, abort) = abortable(AssertUnwindSafe(future).catch_unwind());
        let job = async move {
            // The future is dropped before its result is sent, so the caller may assume that it is gone.
            if let Ok(result) = future.await {
                let _ = sender.send(result);
            }
        };
        // The span and the subscriber of a thread are those of its caller, as they are for a call that is awaited.
        match self.jobs.send(Box::pin(job.in_current_span().with_current_subscriber())) {
            Ok(()) => PendingCall { state: Ok((receiver, self.clone())), abort: Some(abort) },
            Err(_) => PendingCall::failed(ended()),
        }
    }

    /// Checks that this thread can wait for that of the client.
    pub(super) fn check(&self) -> Result<()> {
        if thread::current().id() == self.thread {
            let reason = "it blocks the thread of the client, which called this code (an observer, a clock, a token store \
                          or a callback) and would wait for itself; call it on another thread";
            return Err(Error::argument("call", reason));
        }
        match self.jobs.is_closed() {
            true => Err(ended()),
            false => Ok(()),
        }
    }

    /// Runs a future on the thread, and waits for its result.
    pub(super) fn run<T: Send + 'static>(&self, call: impl Future<Output = Result<T>> + Send + 'static) -> Result<T> {
        self.start_call(call).result().flatten()
    }

    /// Drops a value that may spawn a task meanwhile, which needs the context of a runtime.
    pub(super) fn drop_within(&self, value: impl Send) {
        let _context = self.handle.enter();
        drop(value);
    }

    pub(super) fn clock(&self) -> &Arc<dyn Clock> {
        &self.clock
    }
}

impl fmt::Debug for Runtime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Runtime").field("thread", &self.thread).finish_non_exhaustive()
    }
}

/// Spawns the jobs until the last sender is gone. A panic in a job ends that job only.
async fn run(mut jobs: UnboundedReceiver<Job>) {
    while let Some(job) = jobs.recv().await {
        tokio::spawn(job);
    }
}

fn failure(phase: Phase, error: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::Transport(Arc::new(TransportError::new(None, phase, Arc::new(error))))
}

/// Returns the error of a call that was not sent, because the thread has ended.
pub(super) fn ended() -> Error {
    failure(Phase::Setup, has_ended())
}

fn has_ended() -> std::io::Error {
    std::io::Error::other("the thread of the blocking client has ended; build a new client")
}

/// A call that runs on the thread of its client while this thread does something else.
///
/// `start` on every builder returns it. Dropping it cancels the call: a request that was not sent yet is not sent, and
/// one in flight is cut off, so that the service may or may not have applied it.
///
/// ```no_run
/// # fn example(domain: kandy::blocking::Domain) -> kandy::Result<()> {
/// let (users, details) = (domain.users().start(), domain.details().start());
/// println!("{} users of {:?}", users.wait()?.len(), details.wait()?);
/// # Ok(()) }
/// ```
#[must_use = "dropping it cancels the call"]
pub struct PendingCall<T> {
    /// The receiver of the result, with the thread, which must not end before; or why nothing was started.
    state: Result<(mpsc::Receiver<thread::Result<T>>, Runtime)>,
    abort: Option<AbortHandle>,
}

impl<T> PendingCall<T> {
    fn failed(error: Error) -> Self {
        Self { state: Err(error), abort: None }
    }

    /// Waits for the result, which is an error if the thread has ended. A panic of the future continues here.
    pub(super) fn result(&self) -> Result<T> {
        let (receiver, _) = self.state.as_ref().map_err(Error::clone)?;
        match receiver.recv() {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(panic)) => resume_unwind(panic),
            // The thread ended while the call ran: it may have been sent.
            Err(_) => Err(failure(Phase::Send, has_ended())),
        }
    }
}

impl<T> PendingCall<Result<T>> {
    /// Waits for the result of the call.
    ///
    /// # Errors
    ///
    /// Those of the call.
    pub fn wait(self) -> Result<T> {
        self.result().flatten()
    }
}

impl<T> Drop for PendingCall<T> {
    fn drop(&mut self) {
        // No effect on a future that has completed.
        if let Some(abort) = &self.abort {
            abort.abort();
        }
    }
}

impl<T> fmt::Debug for PendingCall<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PendingCall").field("has_failed", &self.state.is_err()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::SystemClock;

    fn start() -> Runtime {
        Runtime::start(Arc::new(SystemClock)).expect("a thread")
    }

    #[test]
    fn a_call_on_a_thread_that_has_ended_is_an_error() {
        let (jobs, _) = unbounded_channel();
        let error = Runtime { jobs, ..start() }.run(async { Ok(1) }).expect_err("no thread");
        assert!(error.to_string().contains("has ended; build a new client"), "{error}");
        assert!(!error.may_have_been_applied(), "nothing was sent");
    }

    #[test]
    fn a_call_that_a_dying_thread_drops_may_have_been_applied() {
        let (jobs, mut queue) = unbounded_channel();
        thread::spawn(move || drop(queue.blocking_recv()));
        let error = Runtime { jobs, ..start() }.run(async { Ok(1) }).expect_err("no result");
        assert!(error.to_string().contains("has ended"), "{error}");
        assert!(error.may_have_been_applied());
    }

    #[test]
    fn a_thread_that_cannot_be_started_is_an_error() {
        let thread = thread::Builder::new().stack_size(usize::MAX / 2);
        let error = Runtime::start_in(thread, Arc::new(SystemClock)).expect_err("no such memory");
        assert!(matches!(&error, Error::Transport(error) if error.phase() == Phase::Setup), "{error:?}");
    }

    #[test]
    fn a_call_on_the_thread_itself_is_an_error() {
        let runtime = start();
        let inner = runtime.clone();
        let error = runtime.run(async move { inner.run(async { Ok(1) }) }).expect_err("it would wait for itself");
        assert!(error.to_string().contains("would wait for itself"), "{error}");
    }

    #[test]
    fn the_thread_ends_with_the_last_handle() {
        let (dropped, is_dropped) = mpsc::channel::<()>();
        let runtime = start();
        // The runtime drops this task when it ends.
        let spawned = runtime.run(async move {
            tokio::spawn(async move {
                let _dropped = dropped;
                std::future::pending::<()>().await;
            });
            Ok(())
        });
        assert!(spawned.is_ok());
        let clone = runtime.clone();
        drop(runtime);
        assert_eq!(clone.run(async { Ok(1) }).ok(), Some(1), "a clone keeps it");
        assert_eq!(is_dropped.try_recv(), Err(mpsc::TryRecvError::Empty));
        drop(clone);
        assert_eq!(is_dropped.recv(), Err(mpsc::RecvError));
    }
}
