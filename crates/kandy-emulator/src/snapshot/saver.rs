//! A thread that writes the state file when something has changed.
//!
//! Begin with [`Saver::start`].

use std::{
    io,
    sync::{
        Arc,
        mpsc::{self, RecvTimeoutError},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use super::file::StateFile;
use crate::state::{SharedState, Version};

/// The shortest time between two writes.
const PAUSE: Duration = Duration::from_secs(2);
/// How many times as long as the last write the pause is: writing takes at most a twentieth of a core.
const SHARE: u32 = 20;

/// Writes the state file until it is dropped, and a last time then.
pub(crate) struct Saver {
    /// The thread ends when it is dropped.
    stop: Option<mpsc::Sender<()>>,
    thread: Option<JoinHandle<io::Result<()>>>,
}

impl Saver {
    /// Starts the thread. `written` is the version of the state that the file has.
    pub(crate) fn start(file: StateFile, state: Arc<SharedState>, written: Version) -> io::Result<Self> {
        let (stop, stopped) = mpsc::channel();
        let thread = thread::Builder::new()
            .name("kandy-emulator-state".to_owned())
            .spawn(move || run(&file, &state, &stopped, written))?;
        Ok(Self { stop: Some(stop), thread: Some(thread) })
    }

    /// Writes the last changes.
    ///
    /// # Errors
    ///
    /// When they cannot be written. The file is the last one that could be.
    pub(crate) fn finish(mut self) -> io::Result<()> {
        self.join()
    }

    fn join(&mut self) -> io::Result<()> {
        drop(self.stop.take());
        match self.thread.take().map(JoinHandle::join) {
            Some(Ok(written)) => written,
            Some(Err(_)) => Err(io::Error::other("the thread that writes the state file panicked")),
            None => Ok(()),
        }
    }
}

impl Drop for Saver {
    fn drop(&mut self) {
        if let Err(error) = self.join() {
            report(&error);
        }
    }
}

fn run(
    file: &StateFile,
    state: &Arc<SharedState>,
    stopped: &mpsc::Receiver<()>,
    mut written: Version,
) -> io::Result<()> {
    let (mut pause, mut is_reported) = (PAUSE, false);
    loop {
        let is_last = stopped.recv_timeout(pause) != Err(RecvTimeoutError::Timeout);
        if state.lock().version() == written {
            if is_last {
                return Ok(());
            }
            continue;
        }
        let started = Instant::now();
        match file.save(state) {
            Ok(_) if is_last => return Ok(()),
            Ok(version) => (written, is_reported) = (version, false),
            // The state was replaced, by a reset.
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) if is_last => return Err(error),
            // Once, and not every few seconds: the disk stays full for a while.
            Err(error) if !is_reported => {
                report(&error);
                is_reported = true;
            }
            Err(_) => {}
        }
        pause = PAUSE.max(started.elapsed() * SHARE);
    }
}

fn report(error: &io::Error) {
    eprintln!(
        "kandy-emulator: the state is not saved: {error}; the file before it is kept, and it is tried again while the \
         emulator runs"
    );
}
