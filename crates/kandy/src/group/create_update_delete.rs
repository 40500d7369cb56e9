//! The builders that create, update and delete a group. Depends on `check` and `pipeline`.

use kandy_sys::{Call, Client, Envelope, ExtraFields, NoResult, types};

use super::GroupImage;
use crate::{
    Error, GroupId, Result, check,
    decode::Decoded,
    pipeline::{CallContext, CallSpec, request},
    value::{Origin, Value as _, value},
};

/// Builder for [`User::create_group`](crate::User::create_group).
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct CreateGroup {
    call: CallContext,
    name: String,
    image: Option<GroupImage>,
}

impl CreateGroup {
    pub(crate) fn new(call: CallContext, name: String) -> Self {
        Self { call, name, image: None }
    }

    /// Sets the image of the group.
    pub fn image(mut self, image: GroupImage) -> Self {
        self.image = Some(image);
        self
    }
}

request!(CreateGroup => CreatedGroup);

impl CallSpec for CreateGroup {
    type Response = Envelope<types::GroupCreated>;
    type Output = CreatedGroup;

    fn subject(&self) -> String {
        format!("group named {:?}", self.name)
    }

    fn describe<'a>(&'a self, api: &'a Client) -> Result<Call<'a, Self::Response>> {
        check::given("name", &self.name)?;
        let body =
            types::GroupCreate { group_name: self.name.clone(), group_image: self.image.clone().map(Into::into) };
        Ok(api.group_create(&body))
    }

    fn read(&self, created: Decoded<Self::Response>) -> Result<CreatedGroup> {
        CreatedGroup::read(created, Origin::Response).map_err(|field| Error::missing(format!("result.{field}")))
    }
}

/// A group that was just created.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CreatedGroup {
    /// Its id.
    pub group_id: GroupId,
    /// All other fields of the response, in the service's spelling. They may be the full details of the group.
    pub extra: ExtraFields,
}

impl CreatedGroup {
    /// Returns a new group, as a test needs it.
    ///
    /// ```
    /// assert_eq!(kandy::CreatedGroup::new("834f").group_id, "834f");
    /// ```
    pub fn new(group_id: impl Into<GroupId>) -> Self {
        Self { group_id: group_id.into(), extra: ExtraFields::default() }
    }
}

value! {
    CreatedGroup as GroupCreated {
        group_id: group_id,
        extra: extra,
    }
}

/// Builder for [`Group::update`](crate::Group::update).
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct UpdateGroup {
    call: CallContext,
    group_id: GroupId,
    name: Option<String>,
    image: Option<GroupImage>,
}

impl UpdateGroup {
    pub(super) fn new(call: CallContext, group_id: GroupId) -> Self {
        Self { call, group_id, name: None, image: None }
    }

    /// Sets the new name.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Sets the new image. Whether an empty one removes the image is not known.
    pub fn image(mut self, image: GroupImage) -> Self {
        self.image = Some(image);
        self
    }
}

request!(UpdateGroup => ());

impl CallSpec for UpdateGroup {
    type Response = Envelope<NoResult>;
    type Output = ();

    fn subject(&self) -> String {
        format!("group {:?}", self.group_id.as_str())
    }

    fn describe<'a>(&'a self, api: &'a Client) -> Result<Call<'a, Self::Response>> {
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
        Ok(api.group_update(&body))
    }

    fn read(&self, _: Decoded<Self::Response>) -> Result<()> {
        Ok(())
    }
}

/// Builder for [`Group::delete`](crate::Group::delete).
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct DeleteGroup {
    call: CallContext,
    group_id: GroupId,
}

impl DeleteGroup {
    pub(super) fn new(call: CallContext, group_id: GroupId) -> Self {
        Self { call, group_id }
    }
}

request!(DeleteGroup => ());

impl CallSpec for DeleteGroup {
    type Response = Envelope<NoResult>;
    type Output = ();

    fn subject(&self) -> String {
        format!("group {:?}", self.group_id.as_str())
    }

    fn describe<'a>(&'a self, api: &'a Client) -> Result<Call<'a, Self::Response>> {
        check::fits_query("group_id", self.group_id.as_str())?;
        Ok(api.group_delete(self.group_id.as_str()))
    }

    fn read(&self, _: Decoded<Self::Response>) -> Result<()> {
        Ok(())
    }
}
