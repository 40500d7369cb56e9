//! The device: the [`Device`] handle, which sends SMS and chat messages and reads pending ones, and the builders that
//! send one message and list pending ones. The others are in their chapters. Depends on `message`, `sms`,
//! `address_book`, `bulk` and `pipeline`.

use futures_util::Stream;
use kandy_sys::{Call, Client, Envelope, NoResult, types};

use crate::{
    AddressBookEntry, Bulk, DeleteAddressBook, DeleteMessages, DeviceId, FullUserId, GetAddressBook,
    GetAddressBookHints, MessageContent, MessageId, PendingMessage, PendingMessages, Result, SendSms, Sms,
    UploadAddressBook, check,
    decode::Decoded,
    pipeline::{AuthenticatedClient, CallContext, CallSpec, HandleArc, request},
};

/// A handle of a device of a user.
///
/// Created by [`User::device`](crate::User::device). It is cheap to clone, and shares the access token of its user.
///
/// ```
/// # async fn example(russ: kandy::User) -> kandy::Result<()> {
/// let phone = russ.device("A149EBB9A69D4E66B62D26FBDEF440C5");
/// phone.send_sms("+12245556666", "Hello").from("+11234567890").await?;
/// phone.send_message("anna@example.com", "let's meet tonight").await?;
/// let pending = phone.pending_messages().await?;
/// phone.delete_messages(pending.messages.iter().filter_map(|message| message.id.clone())).await?;
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct Device {
    pub(crate) client: HandleArc<AuthenticatedClient>,
    raw: Client,
    pub(crate) id: DeviceId,
}

impl Device {
    pub(crate) fn new(client: HandleArc<AuthenticatedClient>, raw: Client, id: DeviceId) -> Self {
        Self { client, raw, id }
    }

    /// Returns the id of the device.
    pub fn id(&self) -> &DeviceId {
        &self.id
    }

    /// Returns the contacts in the device's address book.
    ///
    /// Operation `device_address_book_get`.
    ///
    /// ```
    /// # async fn example(phone: kandy::Device) -> kandy::Result<()> {
    /// for contact in phone.address_book().await? {
    ///     println!("{:?} {:?}", contact.first_name, contact.number);
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Argument`](crate::Error::Argument) when the device id is empty;
    /// [`is_not_found`](crate::Error::is_not_found); [`Error::Api`](crate::Error::Api),
    /// [`Error::Transport`](crate::Error::Transport), [`Error::Decode`](crate::Error::Decode).
    pub fn address_book(&self) -> GetAddressBook {
        GetAddressBook::new(CallContext::new(&self.client), self.id.clone())
    }

    /// Deletes all contacts of the device's address book.
    ///
    /// Operation `device_address_book_delete`.
    ///
    /// ```
    /// # async fn example(phone: kandy::Device) -> kandy::Result<()> {
    /// phone.delete_address_book().await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Argument`](crate::Error::Argument) when the device id is empty;
    /// [`is_not_found`](crate::Error::is_not_found); [`Error::Api`](crate::Error::Api),
    /// [`Error::Transport`](crate::Error::Transport).
    pub fn delete_address_book(&self) -> DeleteAddressBook {
        DeleteAddressBook::new(CallContext::new(&self.client), self.id.clone())
    }

    /// Uploads contacts to the device's address book. Whether they replace the existing ones is not known.
    ///
    /// It is retried only if the failed attempt was certainly not applied: see
    /// [`may_have_been_applied`](crate::Error::may_have_been_applied).
    ///
    /// Operation `device_address_book_upload`, confidence B.
    ///
    /// ```
    /// # async fn example(phone: kandy::Device) -> kandy::Result<()> {
    /// use kandy::AddressBookEntry;
    ///
    /// let john = AddressBookEntry::new(["+14055671234"]).first_name("John").last_name("Doe");
    /// phone.upload_address_book([john]).await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Argument`](crate::Error::Argument) when the device id or one of the numbers is empty;
    /// [`is_not_found`](crate::Error::is_not_found); [`Error::Api`](crate::Error::Api),
    /// [`Error::Transport`](crate::Error::Transport).
    pub fn upload_address_book(&self, contacts: impl IntoIterator<Item = AddressBookEntry>) -> UploadAddressBook {
        UploadAddressBook::new(CallContext::new(&self.client), self.id.clone(), contacts.into_iter().collect())
    }

    /// Returns the hints of the service about the contacts in the device's address book.
    ///
    /// The form of the response is not known; all its fields are in [`extra`](crate::AddressBookHints::extra).
    /// [`address_book`](Self::address_book) returns hints, too.
    ///
    /// Operation `device_address_book_hint_list`, confidence C: seen in one client.
    ///
    /// ```
    /// # async fn example(phone: kandy::Device) -> kandy::Result<()> {
    /// for (name, value) in phone.address_book_hints().await?.extra {
    ///     println!("{name}: {value}");
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Argument`](crate::Error::Argument) when the device id is empty;
    /// [`is_not_found`](crate::Error::is_not_found); [`Error::Api`](crate::Error::Api),
    /// [`Error::Transport`](crate::Error::Transport), [`Error::Decode`](crate::Error::Decode).
    pub fn address_book_hints(&self) -> GetAddressBookHints {
        GetAddressBookHints::new(CallContext::new(&self.client), self.id.clone())
    }

    /// Sends a chat message to a user, named by user id and domain: `anna@example.com`.
    ///
    /// The content is a text, or any other [`MessageContent`]. The message gets a random id, which is returned.
    ///
    /// A message is retried only if the failed attempt was certainly not applied. When an error reports
    /// [`may_have_been_applied`](crate::Error::may_have_been_applied), the message may have arrived. Whether the
    /// service would recognise a second one by the same id is not known.
    ///
    /// Operation `message_send`.
    ///
    /// ```
    /// # async fn example(phone: kandy::Device) -> kandy::Result<()> {
    /// let id = phone.send_message("anna@example.com", "let's meet tonight").await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Argument`](crate::Error::Argument) when the device id is empty, the receiver is not of the form
    /// `user@domain.name` or the message id is not a UUID; [`is_not_found`](crate::Error::is_not_found);
    /// [`Error::Api`](crate::Error::Api), [`Error::Transport`](crate::Error::Transport).
    pub fn send_message(&self, to: impl Into<FullUserId>, content: impl Into<MessageContent>) -> SendMessage {
        SendMessage {
            call: CallContext::new(&self.client),
            device_id: self.id.clone(),
            to: to.into(),
            content: content.into(),
            message_id: MessageId::random(),
        }
    }

    /// Sends an SMS to a phone number in international form: `+12245556666`. Each SMS is charged, and a long text is
    /// several: [`SmsText`](crate::SmsText) counts them, and [`max_segments`](SendSms::max_segments) limits them.
    ///
    /// Punctuation is removed, and `+` may be omitted; [`PhoneNumber`](crate::PhoneNumber) has the rule. The number is
    /// sent as `+` and digits. National numbers need a [`default_country`](SendSms::default_country).
    ///
    /// An SMS is retried only if the failed attempt was certainly not applied: see
    /// [`may_have_been_applied`](crate::Error::may_have_been_applied).
    ///
    /// Operation `sms_send`.
    ///
    /// ```
    /// # async fn example(phone: kandy::Device) -> kandy::Result<()> {
    /// phone.send_sms("+12245556666", "Hello").from("+11234567890").await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Argument`](crate::Error::Argument) when the device id or the text is empty, the number
    /// cannot be used, or the text needs more segments than [`max_segments`](SendSms::max_segments);
    /// [`Error::Api`](crate::Error::Api), [`Error::Transport`](crate::Error::Transport).
    pub fn send_sms(&self, to: impl Into<String>, text: impl Into<String>) -> SendSms {
        SendSms::new(CallContext::new(&self.client), self.id.clone(), Sms::new(to, text))
    }

    /// Sends many SMS, several at a time, and returns a stream with an outcome for each. Each SMS is charged.
    ///
    /// None is sent twice. The error of a failed one tells whether it may have been sent all the same:
    /// [`may_have_been_applied`](crate::Error::may_have_been_applied). The next item is taken from the iterator only
    /// when another call may begin.
    ///
    /// Operation `sms_send`, once for each.
    ///
    /// ```
    /// use kandy::Sms;
    ///
    /// # async fn example(phone: kandy::Device, numbers: Vec<String>) -> kandy::Result<()> {
    /// let all = numbers.into_iter().map(|number| Sms::new(number, "We close early today").from("+11234567890"));
    /// let mut outcomes = phone.send_many_sms(all).concurrency(4);
    /// while let Some(outcome) = outcomes.next().await {
    ///     match outcome.result {
    ///         Ok(()) => {}
    ///         Err(error) if error.may_have_been_applied() => eprintln!("{}: maybe sent", outcome.item.to()),
    ///         Err(error) => eprintln!("{}: {error}", outcome.item.to()),
    ///     }
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`send_sms`](Self::send_sms), in the outcomes; an error does not end the stream.
    pub fn send_many_sms<I>(&self, sms: I) -> Bulk<Sms, ()>
    where
        I: IntoIterator<Item = Sms, IntoIter: Send + 'static>,
    {
        let (call, id) = (CallContext::new(&self.client), self.id.clone());
        Bulk::new(sms.into_iter(), move |sms| SendSms::new(call.clone(), id.clone(), sms), SendSms::into_sms)
    }

    /// Sends many SMS, which come from a stream: see [`send_many_sms`](Self::send_many_sms). The next one is taken from
    /// the stream only when another call may begin, so the calls slow the stream down.
    ///
    /// ```
    /// use futures_util::StreamExt;
    /// use kandy::Sms;
    ///
    /// # async fn example(phone: kandy::Device, numbers: impl futures_util::Stream<Item = String> + Send + 'static) {
    /// let all = numbers.map(|number| Sms::new(number, "We are closed today"));
    /// let mut outcomes = phone.send_many_sms_from(all);
    /// while let Some(outcome) = outcomes.next().await {
    ///     println!("{}: {:?}", outcome.item.to(), outcome.result);
    /// }
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`send_sms`](Self::send_sms), in the outcomes; an error does not end the stream.
    pub fn send_many_sms_from(&self, sms: impl Stream<Item = Sms> + Send + 'static) -> Bulk<Sms, ()> {
        let (call, id) = (CallContext::new(&self.client), self.id.clone());
        Bulk::from_stream(sms, move |sms| SendSms::new(call.clone(), id.clone(), sms), SendSms::into_sms)
    }

    /// Returns the messages and events that are pending for the device. They stay pending until they are deleted.
    ///
    /// Operation `message_list`.
    ///
    /// ```
    /// # async fn example(phone: kandy::Device) -> kandy::Result<()> {
    /// for message in phone.pending_messages().await?.messages {
    ///     println!("{:?}: {:?}", message.sender, message.content.and_then(|c| c.text().map(String::from)));
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Argument`](crate::Error::Argument) when the device id is empty;
    /// [`is_not_found`](crate::Error::is_not_found); [`Error::Api`](crate::Error::Api),
    /// [`Error::Transport`](crate::Error::Transport), [`Error::Decode`](crate::Error::Decode).
    pub fn pending_messages(&self) -> GetPendingMessages {
        GetPendingMessages { call: CallContext::new(&self.client), device_id: self.id.clone(), client_timestamp: None }
    }

    /// Deletes messages that were processed: any number, ten in a request.
    ///
    /// The requests are sent in sequence. When the service refuses one because of a message in it, the request is
    /// halved until that message is alone: all others are deleted, and the error names that one. When a request fails
    /// in another way, the messages of the earlier requests are deleted, and deleting all of them again is harmless.
    ///
    /// Operation `message_delete`.
    ///
    /// ```
    /// # async fn example(phone: kandy::Device) -> kandy::Result<()> {
    /// phone.delete_messages(["bcd2fa752c3c4fdf97d08b0a48f622f0"]).await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Argument`](crate::Error::Argument) when the device id is empty or one of the message ids is not a UUID
    /// or too long, before anything is sent; [`Error::Api`](crate::Error::Api),
    /// [`Error::Transport`](crate::Error::Transport).
    pub fn delete_messages<I>(&self, messages: I) -> DeleteMessages
    where
        I: IntoIterator,
        I::Item: Into<MessageId>,
    {
        let messages = messages.into_iter().map(Into::into).collect();
        DeleteMessages::new(CallContext::new(&self.client), self.id.clone(), messages)
    }

    /// Returns the generated client, with the token handling of the device's user, for operations that are not wrapped.
    ///
    /// ```
    /// # async fn example(phone: kandy::Device) -> Result<(), Box<dyn std::error::Error>> {
    /// let pending = phone.raw().message_list(None, phone.id().as_str()).await?.into_inner().into_result()?;
    /// # Ok(()) }
    /// ```
    pub fn raw(&self) -> &Client {
        &self.raw
    }
}

/// Builder for [`Device::send_message`].
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct SendMessage {
    call: CallContext,
    device_id: DeviceId,
    to: FullUserId,
    content: MessageContent,
    message_id: MessageId,
}

impl SendMessage {
    /// Sets the id of the message, instead of a random one.
    pub fn message_id(mut self, message_id: impl Into<MessageId>) -> Self {
        self.message_id = message_id.into();
        self
    }
}

request!(SendMessage => MessageId);

impl CallSpec for SendMessage {
    type Response = Envelope<NoResult>;
    type Output = MessageId;

    fn subject(&self) -> String {
        format!("message {} to {:?}", self.message_id, self.to.as_str())
    }

    fn describe<'a>(&'a self, api: &'a Client) -> Result<Call<'a, Self::Response>> {
        check::fits_query("device_id", self.device_id.as_str())?;
        check::full_user_id("to", &self.to)?;
        check::message_id("message_id", &self.message_id)?;
        let body = types::MessageSend {
            message: types::ChatMessage {
                additional_data: Default::default(),
                content_type: self.content.content_type.clone(),
                destination: self.to.to_string(),
                message: self.content.clone().into(),
                message_type: None,
                uuid: self.message_id.to_string(),
            },
        };
        Ok(api.message_send(self.device_id.as_str(), &body))
    }

    fn read(&self, _: Decoded<Self::Response>) -> Result<MessageId> {
        Ok(self.message_id.clone())
    }
}

/// Builder for [`Device::pending_messages`].
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct GetPendingMessages {
    call: CallContext,
    device_id: DeviceId,
    client_timestamp: Option<i64>,
}

impl GetPendingMessages {
    /// Sets the time of the device, in milliseconds since 1970-01-01 UTC. Without it the service assumes that the clock
    /// of the device is right.
    pub fn client_timestamp(mut self, milliseconds: i64) -> Self {
        self.client_timestamp = Some(milliseconds);
        self
    }
}

request!(GetPendingMessages => PendingMessages);

impl CallSpec for GetPendingMessages {
    type Response = Envelope<types::PendingMessages>;
    type Output = PendingMessages;

    fn subject(&self) -> String {
        format!("device {:?}", self.device_id.as_str())
    }

    fn describe<'a>(&'a self, api: &'a Client) -> Result<Call<'a, Self::Response>> {
        check::fits_query("device_id", self.device_id.as_str())?;
        let device_id = self.device_id.as_str();
        Ok(match self.client_timestamp {
            None => api.message_list(None, device_id),
            // The call would borrow the formatted number, which is dropped here, so it takes a copy.
            Some(milliseconds) => api.message_list(Some(&milliseconds.to_string()), device_id).into_owned(api),
        })
    }

    fn read(&self, pending: Decoded<Self::Response>) -> Result<PendingMessages> {
        Ok(PendingMessages {
            server_timestamp: pending.server_timestamp,
            messages: pending.messages.into_iter().map(PendingMessage::from).collect(),
        })
    }
}
