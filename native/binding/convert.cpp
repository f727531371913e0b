#include "binding/convert.hpp"

#include <cmath>

namespace miner::binding {

std::span<std::uint8_t> bytesOf(const Napi::Value& value, const char* name) {
  if (!value.IsTypedArray() || value.As<Napi::TypedArray>().TypedArrayType() != napi_uint8_array)
    throw Napi::TypeError::New(value.Env(), std::string(name) + ": expected a Uint8Array");
  auto array = value.As<Napi::Uint8Array>();
  return {array.Data(), array.ByteLength()};
}

std::span<std::uint8_t> bytesOf(const Napi::Value& value, const char* name, std::size_t length) {
  const auto bytes = bytesOf(value, name);
  if (bytes.size() != length)
    throw Napi::TypeError::New(value.Env(), std::string(name) + ": expected " +
                                                std::to_string(length) + " bytes, got " +
                                                std::to_string(bytes.size()));
  return bytes;
}

std::uint32_t uint32Of(const Napi::Value& value, const char* name) {
  const double number = value.IsNumber() ? value.As<Napi::Number>().DoubleValue() : -1.0;
  if (!(number >= 0 && number <= 4294967295.0) || number != std::floor(number))
    throw Napi::TypeError::New(value.Env(), std::string(name) +
                                                ": expected a whole number of 0..4294967295, got " +
                                                value.ToString().Utf8Value());
  return static_cast<std::uint32_t>(number);
}

std::uint32_t uint32Of(const Napi::Object& object, const char* name) {
  return uint32Of(object.Get(name), name);
}

std::string stringOf(const Napi::Object& object, const char* name) {
  const Napi::Value value = object.Get(name);
  if (!value.IsString())
    throw Napi::TypeError::New(object.Env(), std::string(name) + ": expected a string");
  return value.As<Napi::String>().Utf8Value();
}

bool boolOf(const Napi::Object& object, const char* name) {
  const Napi::Value value = object.Get(name);
  if (!value.IsBoolean())
    throw Napi::TypeError::New(object.Env(), std::string(name) + ": expected true or false");
  return value.As<Napi::Boolean>().Value();
}

std::uint32_t rangeOf(const Napi::Object& object, const char* name, std::uint32_t low,
                      std::uint32_t high) {
  const std::uint32_t number = uint32Of(object, name);
  if (number < low || number > high)
    throw Napi::TypeError::New(object.Env(), std::string(name) + ": expected " +
                                                 std::to_string(low) + ".." + std::to_string(high) +
                                                 ", got " + std::to_string(number));
  return number;
}

}  // namespace miner::binding
