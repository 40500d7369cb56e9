//! [`UploadContent`]: the builder of an upload. Depends on `check` and `pipeline`.

use kandy_sys::{Call, Client, Envelope, NoResult, Upload};

use super::{Attachment, UploadedContent};
use crate::{
    ContentId, DeviceId, Result, check,
    decode::Decoded,
    pipeline::{CallContext, CallSpec, request},
};

/// Builder for [`Device::upload`](crate::Device::upload).
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct UploadContent {
    call: CallContext,
    device_id: DeviceId,
    content_id: ContentId,
    mime_type: String,
    upload: Upload,
}

impl UploadContent {
    pub(crate) fn new(call: CallContext, device_id: DeviceId, attachment: Attachment) -> Self {
        let mime_type = attachment.mime_type_name().to_owned();
        let content_id = ContentId::random();
        Self { call, device_id, content_id, mime_type, upload: attachment.into_upload() }
    }

    /// Sets the id of the file, instead of a random one.
    pub fn content_id(mut self, content_id: impl Into<ContentId>) -> Self {
        self.content_id = content_id.into();
        self
    }

    /// Calls `progress` with the number of bytes of the file sent so far, each time that it grows. It starts over when
    /// the upload is retried.
    ///
    /// ```
    /// # async fn example(phone: kandy::Device, photo: kandy::Attachment) -> kandy::Result<()> {
    /// let length = photo.length();
    /// phone.upload(photo).progress(move |sent| eprintln!("{sent} of {length:?} bytes")).await?;
    /// # Ok(()) }
    /// ```
    pub fn progress(mut self, progress: impl Fn(u64) + Send + Sync + 'static) -> Self {
        self.upload = self.upload.progress(progress);
        self
    }
}

request!(UploadContent => UploadedContent);

impl CallSpec for UploadContent {
    type Response = Envelope<NoResult>;
    type Output = UploadedContent;

    fn subject(&self) -> String {
        format!("file {:?} as {}", self.upload.file_name(), self.content_id)
    }

    fn describe<'a>(&'a self, api: &'a Client) -> Result<Call<'a, Self::Response>> {
        check::fits_query("device_id", self.device_id.as_str())?;
        check::content_id("content_id", &self.content_id)?;
        check::given("file_name", self.upload.file_name())?;
        check::mime_type("mime_type", &self.mime_type)?;
        let (id, device_id) = (self.content_id.as_str(), self.device_id.as_str());
        Ok(api.content_upload(&self.mime_type, id, device_id, self.upload.clone()))
    }

    fn read(&self, _: Decoded<Self::Response>) -> Result<UploadedContent> {
        Ok(UploadedContent {
            content_id: self.content_id.clone(),
            file_name: self.upload.file_name().to_owned(),
            mime_type: self.mime_type.clone(),
            length: self.upload.length(),
        })
    }
}
