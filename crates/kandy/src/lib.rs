#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod account;
mod address_book;
mod auth;
mod check;
mod client;
mod clock;
mod device;
mod directory;
mod domain;
mod error;
mod group;
mod id;
mod inbox;
mod message;
mod personal_contact;
mod phone_number;
mod pipeline;
mod presence;
mod profile;
mod sms;
mod spidr;
mod user;
mod user_configuration;

pub use account::{Account, CreateDomain, CreatedDomain, DeleteDomain, Domains};
pub use address_book::{
    AddressBookEntry, AddressBookHints, Contact, DeleteAddressBook, GetAddressBook, GetAddressBookHints,
    GetUserAddressBook, UploadAddressBook,
};
pub use auth::{AccessToken, ApiKey, ApiSecret, Level, RevokeAccessToken, StoreError, TokenOwner, TokenStore};
pub use client::{Kandy, KandyBuilder};
pub use clock::Clock;
pub use device::{DeleteMessages, Device, GetPendingMessages, SendMessage};
pub use directory::{DirectoryContact, ListDirectory, SearchDirectory};
pub use domain::{
    CreateUser, CreateUserByPhone, CreatedUser, DeleteUser, Domain, DomainDetails, GetDomainDetails, GetUserDetails,
    UserDetails, Users,
};
pub use error::{AnswerError, ApiError, ArgumentError, Error, Phase, Result, TransportError};
pub use group::{GetGroupDetails, Group, GroupDetails, GroupMember, SendGroupMessage};
pub use id::{ContactId, DeviceId, FullUserId, GroupId, MessageId, UserId};
pub use inbox::{Inbox, IncomingMessage, Messages};
pub use kandy_sys::{ContentType, HintType, Members, MessageType, RolloverGroupPolicy, Secret, Status, Timestamp};
pub use message::{MessageContent, PendingMessage, PendingMessages};
pub use personal_contact::{CreatePersonalContact, DeletePersonalContact, ListPersonalContacts, PersonalContact};
pub use phone_number::{NormalizePhoneNumber, NormalizedPhoneNumber};
pub use pipeline::{Answer, FinishedCall, Observer, Outcome, RetryBudget, RetryPolicy};
pub use presence::{GetLastSeen, LastSeen, LastSeenList};
pub use profile::{GetUserProfile, SetUserProfile, UserProfile};
pub use sms::SendSms;
pub use spidr::{SpidrApi, SpidrConfiguration, SpidrIceServer, SpidrMedia, SpidrVersion};
pub use user::{CreateDevice, CreatedDevice, DeleteDevice, DeviceDetails, Devices, User};
pub use user_configuration::{
    BillingStatus, DataChannelConfiguration, GetBillingStatus, GetDataChannelConfiguration, GetLimitedUserDetails,
    GetRolloverGroup, GetUserSpidrConfiguration, LimitedUserDetails, RolloverGroup,
};

/// The generated layer, for what is not wrapped yet.
pub use kandy_sys as sys;

/// Compiles the code of the workspace's front page.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct FrontPage;
