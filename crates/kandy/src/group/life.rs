//! How groups come, change and go.

use kandy_sys::{Client, ExtraFields, types};

use super::GroupImage;
use crate::{
    Error, GroupId, Result, check,
    error::result_of,
    pipeline::{Call, Request, request},
};

/// [`User::create_group`](crate::User::create_group), in the making.
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct CreateGroup {
    call: Call,
    name: String,
    image: Option<GroupImage>,
}

impl CreateGroup {
    pub(crate) fn new(call: Call, name: String) -> Self {
        Self { call, name, image: None }
    }

    /// The image of the group.
    pub fn image(mut self, image: GroupImage) -> Self {
        self.image = Some(image);
        self
    }
}

request!(CreateGroup => CreatedGroup);

impl Request for CreateGroup {
    type Output = CreatedGroup;

    fn subject(&self) -> String {
        format!("group named {:?}", self.name)
    }

    async fn run(&self, client: &Client) -> Result<CreatedGroup> {
        check::given("name", &self.name)?;
        let body =
            types::GroupCreate { group_name: self.name.clone(), group_image: self.image.clone().map(Into::into) };
        let created = result_of("group_create", client.group_create(&body).await)?;
        match created.group_id {
            Some(group_id) => Ok(CreatedGroup { group_id: group_id.into(), extra: created.extra }),
            None => Err(Error::missing("group_create", "result.group_id")),
        }
    }
}

/// A group that was just created.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct CreatedGroup {
    /// Its id.
    pub group_id: GroupId,
    /// Whatever else came, in the service's spelling. It may be all that describes a group.
    pub extra: ExtraFields,
}

/// [`Group::update`](crate::Group::update), in the making.
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct UpdateGroup {
    call: Call,
    group_id: GroupId,
    name: Option<String>,
    image: Option<GroupImage>,
}

impl UpdateGroup {
    pub(super) fn new(call: Call, group_id: GroupId) -> Self {
        Self { call, group_id, name: None, image: None }
    }

    /// The new name.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// The new image. Whether the empty one takes the image away is not known.
    pub fn image(mut self, image: GroupImage) -> Self {
        self.image = Some(image);
        self
    }
}

request!(UpdateGroup => ());

impl Request for UpdateGroup {
    type Output = ();

    fn subject(&self) -> String {
        format!("group {:?}", self.group_id.as_str())
    }

    async fn run(&self, client: &Client) -> Result<()> {
        check::given("group_id", self.group_id.as_str())?;
        match (&self.name, &self.image) {
            (None, None) => return Err(Error::argument("name", "there is nothing to change; give a name or an image")),
            (Some(name), _) => check::given("name", name)?,
            _ => {}
        }
        let body = types::GroupUpdate {
            group_id: self.group_id.to_string(),
            group_name: self.name.clone(),
            group_image: self.image.clone().map(Into::into),
        };
        result_of("group_update", client.group_update(&body).await).map(drop)
    }
}

/// [`Group::delete`](crate::Group::delete), in the making.
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct DeleteGroup {
    call: Call,
    group_id: GroupId,
}

impl DeleteGroup {
    pub(super) fn new(call: Call, group_id: GroupId) -> Self {
        Self { call, group_id }
    }
}

request!(DeleteGroup => ());

impl Request for DeleteGroup {
    type Output = ();

    fn subject(&self) -> String {
        format!("group {:?}", self.group_id.as_str())
    }

    async fn run(&self, client: &Client) -> Result<()> {
        check::fits_query("group_id", self.group_id.as_str())?;
        result_of("group_delete", client.group_delete(self.group_id.as_str()).await).map(drop)
    }
}
