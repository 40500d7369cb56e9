#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]
// docs.rs names the feature of each item.
#![cfg_attr(docsrs, feature(doc_cfg))]
#![warn(clippy::disallowed_methods)]
#![cfg_attr(test, allow(clippy::disallowed_methods, reason = "tests read the system clock to start a manual one"))]

mod account;
mod address_book;
mod auth;
#[cfg(feature = "blocking")]
pub mod blocking;
mod bulk;
#[cfg(feature = "push")]
mod channel;
mod check;
mod client;
mod clock;
mod content;
mod conversation;
mod decode;
mod device;
mod directory;
mod domain;
pub mod env;
mod error;
mod group;
mod hunt_group;
mod id;
mod inbox;
mod message;
mod metrics;
mod personal_contact;
mod phone_number;
mod pipeline;
mod presence;
mod profile;
mod revoke_access_token;
mod runtime;
mod session;
mod sms;
mod spidr;
#[cfg(feature = "testing")]
pub mod testing;
mod user;
mod user_configuration;
mod value;
mod verification;

pub use account::{Account, CreateDomain, CreatedDomain, DeleteDomain, ListDomains};
pub use address_book::{
    AddressBookEntry, AddressBookHints, Contact, DeleteAddressBook, GetAddressBook, GetAddressBookHints,
    GetUserAddressBook, UploadAddressBook,
};
pub use auth::{AccessToken, ApiKey, ApiSecret, Exposed, Level, StoreError, TokenLock, TokenOwner, TokenStore};
pub use bulk::{Bulk, BulkOutcome, CallPool};
#[cfg(feature = "push")]
pub use channel::{Channel, ChannelEvent, ChannelFrame, SendSessionData, SessionEvent, SessionEventKind};
pub use client::{Kandy, KandyBuilder};
pub use clock::Clock;
pub use content::{Attachment, Download, DownloadContent, DownloadThumbnail, UploadContent, UploadedContent};
pub use conversation::{
    Conversation, ConversationDetails, ConversationMessages, DeleteConversationMessages, DeleteConversations,
    ListConversationMessages, ListConversations, Order, SendWakeUp,
};
pub use device::{Device, GetPendingMessages, SendMessage};
pub use directory::{DirectoryContact, ListDirectory, SearchDirectory};
pub use domain::{
    AnonymousUser, CountryCode, CreateUser, CreateUserByPhone, CreatedUser, DeleteUser, Domain, DomainDetails,
    GetAnonymousUser, GetAnonymousUserByApiKey, GetCountryCode, GetDomainDetails, GetDomainSpidrConfiguration,
    GetLimitedDomainDetails, GetUserDetails, LimitedDomainDetails, ListUsers, NewUser, UserDetails,
};
pub use env::Environment;
pub use error::{ApiError, ArgumentError, DecodeError, Error, Phase, Result, TransportError};
pub use group::{
    AddMembers, CreateGroup, CreatedGroup, DeleteGroup, GetGroupDetails, Group, GroupDetails, GroupImage, GroupMember,
    LeaveGroup, ListGroups, MuteGroup, MuteMembers, RemoveMembers, SendGroupMessage, UpdateGroup,
};
pub use hunt_group::{
    AddHuntGroupAdmin, AddHuntGroupUser, CreateHuntGroup, DeleteHuntGroup, HuntGroup, HuntGroupAdminList,
    HuntGroupList, HuntGroupUserList, ListHuntGroupAdmins, ListHuntGroupUsers, ListHuntGroups, NewHuntGroup,
    RemoveHuntGroupAdmin, RemoveHuntGroupUser,
};
pub use id::{ContactId, ContentId, ConversationId, DeviceId, FullUserId, GroupId, MessageId, SessionId, UserId};
pub use inbox::{Inbox, InboxBuilder, IncomingMessage};
pub use kandy_sys::{
    ContentType, ExtraFields, HintType, MessageType, NationalNumber, NumberingPlan, ParticipantStatus, ParticipantType,
    PhoneNumber, PhoneNumberError, RolloverGroupPolicy, Secret, SessionEventType, SessionStatus, SmsEncoding, Status,
    Timestamp,
};
pub use message::{
    ContentView, DeleteMessages, MediaKind, MessageContent, MessageEvent, PendingMessage, PendingMessages,
};
pub use metrics::Metrics;
pub use personal_contact::{CreatePersonalContact, DeletePersonalContact, ListPersonalContacts, PersonalContact};
pub use phone_number::{NormalizePhoneNumber, NormalizedPhoneNumber};
#[cfg(feature = "push")]
pub use pipeline::ChannelState;
pub use pipeline::{
    AttemptEvent, CallBuilder, CallEvent, ListStream, MessageReceived, Observer, Outcome, Preview, PreviewBody,
    PreviewValue, RateLimit, Response, RetryBudget, RetryPolicy, SharedRateLimit,
};
pub use presence::{GetLastSeen, LastSeen, LastSeenList};
pub use profile::{GetUserProfile, SetUserProfile, UserProfile};
pub use revoke_access_token::RevokeAccessToken;
pub use session::{
    AcceptParticipant, BootParticipant, CreateSession, CreatedSession, DeleteSession, GetSessionByName,
    GetSessionDetails, JoinSession, LeaveSession, ListOwnSessions, ListSessions, ListSessionsByType, Participant,
    RejectParticipant, Session, SessionDetails, StartSession, StopSession,
};
pub use sms::{SendSms, Sms, SmsText};
pub use spidr::{SpidrApi, SpidrConfiguration, SpidrIceServer, SpidrMedia, SpidrVersion};
pub use user::{CreateDevice, CreatedDevice, DeleteDevice, DeviceDetails, ListDevices, User};
pub use user_configuration::{
    BillingStatus, DataChannelConfiguration, GetBillingStatus, GetDataChannelConfiguration, GetLimitedUserDetails,
    GetRolloverGroup, GetUserSpidrConfiguration, LimitedUserDetails, RolloverGroup,
};
pub use verification::{
    CheckVerificationCode, Configuration, GetConfiguration, Register, Registration, SendVerificationCode,
    VerificationCheck,
};

/// The generated client and its types, for operations that are not wrapped.
pub use kandy_sys as sys;
