"""The encodings of docs/spec/operation.md: how an Operation is hashed, and the context that a proof of it is bound to."""

from .keccak import keccak256


def _word(value):
    """A static type of Solidity's abi.encode: an integer, or at most 32 bytes, as bytes32 or, padded on the left, an address."""
    if isinstance(value, int):
        return value.to_bytes(32, "big")
    if len(value) not in (20, 32):
        raise ValueError("%d bytes are neither an address nor a bytes32" % len(value))
    return value.rjust(32, b"\0")


def _hash(tag, *values):
    return keccak256(b"".join(_word(value) for value in (keccak256(tag),) + values))


def operation_hash(chain_id, extension_id, to, gas, gas_management_data, data, block_hash):
    return _hash(
        b"zkwasm.operation.v1", chain_id, extension_id, to, gas, keccak256(gas_management_data), keccak256(data), block_hash
    )


def context(operation, processed_block_hash, fee_recipient):
    """operation: what operation_hash gives."""
    return _hash(b"zkwasm.context.v1", operation, processed_block_hash, fee_recipient)
