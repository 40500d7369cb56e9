//! Bounds how many thumbnails are made at the same time.
//!
//! Depends on `image` and `request`. Begin with `Thumbnails::make`.

use std::{io, num::NonZeroUsize, sync::Arc, thread};

use kandy_sys::{ApiFault, Status};
use tokio::{sync::Semaphore, task};

#[cfg(feature = "thumbnails")]
use super::image::make;
#[cfg(not(feature = "thumbnails"))]
use super::request::{Size, no_thumbnail};
use super::request::{Thumbnail, ThumbnailRequest};

/// Makes thumbnails on the blocking thread pool, so that other requests do not wait. It uses half of the processors at
/// most; a waiting request holds the file, which is in memory anyway, and nothing else.
pub(crate) struct Thumbnails(Arc<Semaphore>);

impl Default for Thumbnails {
    fn default() -> Self {
        let processors = thread::available_parallelism().map_or(1, NonZeroUsize::get);
        Self(Arc::new(Semaphore::new((processors / 2).max(1))))
    }
}

impl Thumbnails {
    pub(crate) async fn make(&self, request: ThumbnailRequest) -> Result<Thumbnail, ApiFault> {
        let failed = |_| ApiFault::new(Status::INTERNAL_SERVER_ERROR, "thumbnail could not be made");
        let permit = Arc::clone(&self.0).acquire_owned().await.map_err(|error| failed(io::Error::other(error)))?;
        let made = task::spawn_blocking(move || {
            let made = make(&request.image, request.size);
            // The permit is released when the work is done, also when the client has closed the connection.
            drop(permit);
            made
        });
        made.await.map_err(|error| failed(error.into()))?
    }
}

/// Without the feature `thumbnails` no content has a thumbnail.
#[cfg(not(feature = "thumbnails"))]
fn make(_: &[u8], _: Size) -> Result<Thumbnail, ApiFault> {
    Err(no_thumbnail())
}
