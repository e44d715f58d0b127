import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class KeyState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    KEY_STATE_UNSPECIFIED: _ClassVar[KeyState]
    KEY_STATE_ACTIVE: _ClassVar[KeyState]
    KEY_STATE_ROTATING: _ClassVar[KeyState]
    KEY_STATE_RETIRED: _ClassVar[KeyState]
KEY_STATE_UNSPECIFIED: KeyState
KEY_STATE_ACTIVE: KeyState
KEY_STATE_ROTATING: KeyState
KEY_STATE_RETIRED: KeyState

class OpenRotationRequest(_message.Message):
    __slots__ = ("scope", "new_key_id")
    SCOPE_FIELD_NUMBER: _ClassVar[int]
    NEW_KEY_ID_FIELD_NUMBER: _ClassVar[int]
    scope: str
    new_key_id: str
    def __init__(self, scope: _Optional[str] = ..., new_key_id: _Optional[str] = ...) -> None: ...

class OpenRotationResponse(_message.Message):
    __slots__ = ("old_key_id", "new_key_id", "opened_at", "closes_at")
    OLD_KEY_ID_FIELD_NUMBER: _ClassVar[int]
    NEW_KEY_ID_FIELD_NUMBER: _ClassVar[int]
    OPENED_AT_FIELD_NUMBER: _ClassVar[int]
    CLOSES_AT_FIELD_NUMBER: _ClassVar[int]
    old_key_id: str
    new_key_id: str
    opened_at: _timestamp_pb2.Timestamp
    closes_at: _timestamp_pb2.Timestamp
    def __init__(self, old_key_id: _Optional[str] = ..., new_key_id: _Optional[str] = ..., opened_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., closes_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class CloseRotationRequest(_message.Message):
    __slots__ = ("scope", "old_key_id", "new_key_id")
    SCOPE_FIELD_NUMBER: _ClassVar[int]
    OLD_KEY_ID_FIELD_NUMBER: _ClassVar[int]
    NEW_KEY_ID_FIELD_NUMBER: _ClassVar[int]
    scope: str
    old_key_id: str
    new_key_id: str
    def __init__(self, scope: _Optional[str] = ..., old_key_id: _Optional[str] = ..., new_key_id: _Optional[str] = ...) -> None: ...

class CloseRotationResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class SignRequest(_message.Message):
    __slots__ = ("canonical_bytes", "scope", "key_id")
    CANONICAL_BYTES_FIELD_NUMBER: _ClassVar[int]
    SCOPE_FIELD_NUMBER: _ClassVar[int]
    KEY_ID_FIELD_NUMBER: _ClassVar[int]
    canonical_bytes: bytes
    scope: str
    key_id: str
    def __init__(self, canonical_bytes: _Optional[bytes] = ..., scope: _Optional[str] = ..., key_id: _Optional[str] = ...) -> None: ...

class SignResponse(_message.Message):
    __slots__ = ("signature", "key_id")
    SIGNATURE_FIELD_NUMBER: _ClassVar[int]
    KEY_ID_FIELD_NUMBER: _ClassVar[int]
    signature: bytes
    key_id: str
    def __init__(self, signature: _Optional[bytes] = ..., key_id: _Optional[str] = ...) -> None: ...

class PublicKeyRequest(_message.Message):
    __slots__ = ("scope", "key_id")
    SCOPE_FIELD_NUMBER: _ClassVar[int]
    KEY_ID_FIELD_NUMBER: _ClassVar[int]
    scope: str
    key_id: str
    def __init__(self, scope: _Optional[str] = ..., key_id: _Optional[str] = ...) -> None: ...

class PublicKeyResponse(_message.Message):
    __slots__ = ("public_key", "state", "cached")
    PUBLIC_KEY_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    CACHED_FIELD_NUMBER: _ClassVar[int]
    public_key: bytes
    state: KeyState
    cached: bool
    def __init__(self, public_key: _Optional[bytes] = ..., state: _Optional[_Union[KeyState, str]] = ..., cached: _Optional[bool] = ...) -> None: ...
