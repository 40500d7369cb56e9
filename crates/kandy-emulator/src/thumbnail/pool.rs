//! Bounds how many thumbnails are made at the same time.

use std::{io, num::NonZeroUsize, sync::Arc, thread};

use kandy_sys::{Fault, Status};
use tokio::{sync::Semaphore, task};

#[cfg(feature = "thumbnails")]
use super::image::make;
#[cfg(not(feature = "thumbnails"))]
use super::request::{Size, no_thumbnail};
use super::request::{Thumbnail, ThumbnailRequest};

/// Makes thumbnails on threads of their own, so that no request waits for one but its own. Half of the processors are
/// used at most, and those that have to wait hold no memory but the file, which is in memory anyway.
pub(crate) struct Thumbnails(Arc<Semaphore>);

impl Default for Thumbnails {
    fn default() -> Self {
        let processors = thread::available_parallelism().map_or(1, NonZeroUsize::get);
        Self(Arc::new(Semaphore::new((processors / 2).max(1))))
    }
}

impl Thumbnails {
    pub(crate) async fn make(&self, request: ThumbnailRequest) -> Result<Thumbnail, Fault> {
        let failed = |_| Fault::new(Status::INTERNAL_SERVER_ERROR, "thumbnail could not be made");
        let turn = Arc::clone(&self.0).acquire_owned().await.map_err(|error| failed(io::Error::other(error)))?;
        let made = task::spawn_blocking(move || {
            let made = make(&request.image, request.size);
            // The turn ends with the work, also when the client has left in between.
            drop(turn);
            made
        });
        made.await.map_err(|error| failed(error.into()))?
    }
}

/// Without the feature `thumbnails` nothing has one.
#[cfg(not(feature = "thumbnails"))]
fn make(_: &[u8], _: Size) -> Result<Thumbnail, Fault> {
    Err(no_thumbnail())
}
