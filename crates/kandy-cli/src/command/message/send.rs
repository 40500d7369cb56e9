//! `kandy message send`.

use std::fs;

use clap::Args;
use kandy::{ContentId, Device, MessageContent, MessageId, UploadedContent};
use serde_json::Value;

use super::row::{SENT, print_id};
use crate::{
    arguments::DeviceArguments,
    command::file::attachment,
    context::Context,
    failure::{Failure, Result},
    stdin,
};

/// Send a message from the device to a user or a group, and print its id
#[derive(Args)]
#[command(after_help = "Examples:
  kandy message send --user russ anna@example.com \"let's meet tonight\"
  kandy message send --user russ --group 8a5c… 'Hello, all'
  kandy message send --user russ anna@example.com --image photo.jpg")]
pub(crate) struct Send {
    #[command(flatten)]
    device: DeviceArguments,
    /// Recipient, as user id, with or without the domain; not with --group
    to: Option<String>,
    /// Text of the message, or - for stdin; not with an option for other content
    text: Option<String>,
    /// Send the message to this group
    #[arg(long, value_name = "GROUP_ID")]
    group: Option<String>,
    #[command(flatten)]
    other: Other,
    /// MIME type of the file (default: derived from its name)
    #[arg(long, value_name = "TYPE", requires = "Other")]
    mime_type: Option<String>,
    /// Name of the contact
    #[arg(long, value_name = "NAME", requires = "contact")]
    display_name: Option<String>,
    /// Id of the message, a UUID (default: random)
    #[arg(long, value_name = "UUID")]
    message_id: Option<String>,
}

/// Content other than a text.
#[derive(Args)]
#[group(multiple = false)]
struct Other {
    /// Upload an image and send it
    #[arg(long, value_name = "FILE")]
    image: Option<String>,
    /// Upload an audio file and send it
    #[arg(long, value_name = "FILE")]
    audio: Option<String>,
    /// Upload a video and send it
    #[arg(long, value_name = "FILE")]
    video: Option<String>,
    /// Upload any file and send it
    #[arg(long, value_name = "FILE")]
    file: Option<String>,
    /// Upload a contact, such as a .vcf file, and send it
    #[arg(long, value_name = "FILE")]
    contact: Option<String>,
    /// Send a location
    #[arg(long, value_name = "LATITUDE,LONGITUDE", allow_hyphen_values = true)]
    location: Option<String>,
    /// Send JSON from a file, or from stdin for -, for applications that interpret it
    #[arg(long, value_name = "FILE")]
    json_content: Option<String>,
}

/// The content to send.
enum Content {
    Ready(MessageContent),
    /// A file to upload, and how to refer to it.
    File(String, Make),
}

type Make = Box<dyn Fn(&UploadedContent) -> MessageContent>;

/// The recipient.
enum To {
    User(String),
    Group(String),
}

impl Send {
    pub(super) async fn run(mut self, context: &Context) -> Result {
        context.check_fields(&SENT)?;
        let to = self.to()?;
        // Check the content before anything is looked up.
        let content = self.content()?;
        let message_id = self.message_id.clone().map_or_else(MessageId::random, MessageId::from);
        let sent = match to {
            To::User(to) => {
                let to = context.full_user_id(&self.device.user, to).await?;
                let device = context.device(&self.device).await?;
                let content = self.ready(context, content, Some(&device)).await?;
                context.send_typed(device.send_message(to, content).message_id(message_id)).await?
            }
            To::Group(group_id) => {
                let content = self.ready(context, content, None).await?;
                let group = context.user(&self.device.user)?.group(group_id);
                context.send_typed(group.send_message(content).message_id(message_id)).await?
            }
        };
        print_id(context, sent)
    }

    fn to(&mut self) -> Result<To> {
        match (self.group.take(), self.to.take()) {
            (None, Some(user)) => Ok(To::User(user)),
            (None, None) => Err(Failure::usage("No recipient. Give a user, or use --group.")),
            (Some(_), Some(_)) if self.text.is_some() => {
                Err(Failure::usage("Two recipients. Give either a user or --group."))
            }
            // With --group, the only argument is the text.
            (Some(group), word) => {
                self.text = word;
                Ok(To::Group(group))
            }
        }
    }

    fn content(&mut self) -> Result<Content> {
        let display_name = self.display_name.take();
        let other = match &mut self.other {
            Other { image: Some(file), .. } => Some(Content::file(file, MessageContent::image)),
            Other { audio: Some(file), .. } => Some(Content::file(file, MessageContent::audio)),
            Other { video: Some(file), .. } => Some(Content::file(file, MessageContent::video)),
            Other { file: Some(file), .. } => Some(Content::file(file, MessageContent::file)),
            Other { contact: Some(file), .. } => Some(Content::file(file, move |uploaded| {
                MessageContent::contact(uploaded, display_name.as_deref().unwrap_or(&uploaded.file_name))
            })),
            Other { location: Some(place), .. } => Some(Content::Ready(location(place)?)),
            Other { json_content: Some(file), .. } => Some(Content::Ready(json(file)?)),
            _ => None,
        };
        match (other, self.text.take()) {
            (Some(content), None) => Ok(content),
            (None, Some(text)) => {
                let text = if text == "-" { stdin::text_without_line_end()? } else { text };
                match text.trim() {
                    // An empty text is more likely a failed substitution than intended.
                    "" => Err(Failure::usage("the text is empty")),
                    _ => Ok(Content::Ready(MessageContent::plain(text))),
                }
            }
            (None, None) => Err(Failure::usage("No content. Give a text, or an option such as --image.")),
            (Some(_), Some(_)) => {
                Err(Failure::usage("A message has one content. Send the text and the other content as two messages."))
            }
        }
    }

    /// Uploads the file, if the content has one.
    async fn ready(&self, context: &Context, content: Content, device: Option<&Device>) -> Result<MessageContent> {
        let (file, make) = match content {
            Content::Ready(content) => return Ok(content),
            Content::File(file, make) => (file, make),
        };
        let device = match device {
            Some(device) => device.clone(),
            None => context.device(&self.device).await?,
        };
        let attachment = attachment(&file, None, self.mime_type.as_deref()).await?;
        let content_id = ContentId::random();
        let uploaded = UploadedContent::new(&content_id, attachment.file_name(), attachment.mime_type_name());
        context.send_typed(device.upload(attachment).content_id(content_id)).await?;
        Ok(make(&uploaded))
    }
}

impl Content {
    fn file(file: &str, make: impl Fn(&UploadedContent) -> MessageContent + 'static) -> Self {
        Self::File(file.to_owned(), Box::new(make))
    }
}

fn location(place: &str) -> Result<MessageContent> {
    let parts = place.split_once(',').map(|(latitude, longitude)| (latitude.trim().parse(), longitude.trim().parse()));
    match parts {
        Some((Ok(latitude), Ok(longitude)))
            if (-90.0..=90.0).contains(&latitude) && (-180.0..=180.0).contains(&longitude) =>
        {
            Ok(MessageContent::location(latitude, longitude))
        }
        _ => Err(Failure::usage(format!("--location: {place:?} is not LATITUDE,LONGITUDE in degrees"))),
    }
}

fn json(file: &str) -> Result<MessageContent> {
    let (json, file) = match file {
        "-" => (stdin::text()?, "stdin"),
        file => (fs::read_to_string(file).map_err(|error| Failure::of_input(file, &error))?, file),
    };
    let value: Value =
        serde_json::from_str(&json).map_err(|error| Failure::usage(format!("{file}: invalid JSON: {error}")))?;
    MessageContent::json(&value).map_err(|error| Failure::local(format!("{file}: {error}")))
}
