#pragma once

#include <napi.h>

#include <cstdint>
#include <span>
#include <string>

namespace miner::binding {

/// The bytes of a Uint8Array (or Buffer) argument. Throws a TypeError that names the argument.
std::span<std::uint8_t> bytesOf(const Napi::Value& value, const char* name);

/// The same with an exact length.
std::span<std::uint8_t> bytesOf(const Napi::Value& value, const char* name, std::size_t length);

/// A whole number of 0..2^32 - 1. Throws a TypeError that names the argument and its value.
std::uint32_t uint32Of(const Napi::Value& value, const char* name);

/// Property `name` of an object, by the two rules above.
std::uint32_t uint32Of(const Napi::Object& object, const char* name);
std::string stringOf(const Napi::Object& object, const char* name);

/// Property `name` of an object. Throws a TypeError that names it unless it is true or false.
bool boolOf(const Napi::Object& object, const char* name);

/// Property `name` of an object as a whole number of low..high; the same kind of TypeError.
std::uint32_t rangeOf(const Napi::Object& object, const char* name, std::uint32_t low,
                      std::uint32_t high);

}  // namespace miner::binding
