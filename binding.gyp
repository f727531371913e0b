{
  "target_defaults": {
    "include_dirs": ["native"],
    "defines": ["NAPI_VERSION=8", "NAPI_CPP_EXCEPTIONS", "_FILE_OFFSET_BITS=64", "_TIME_BITS=64"],
    "cflags_cc!": ["-fno-exceptions", "-fno-rtti", "-std=gnu++17", "-std=gnu++20"],
    "cflags_cc": ["-std=c++20", "-O3", "-Wall", "-Wextra", "-Wshadow", "-Wconversion", "-fvisibility=hidden", "-isystem", "../node_modules/node-addon-api"],
    "conditions": [
      ["target_arch=='arm'", {"cflags": ["-march=armv7-a", "-mfpu=vfpv3-d16", "-mfloat-abi=hard", "-Wno-psabi"]}]
    ]
  },
  "targets": [
    {
      "target_name": "chains",
      "sources": [
        "<!@(ls native/binding/*.cpp native/chain/*.cpp native/work/*.cpp native/codec/*.cpp native/link/*.cpp native/gpio/*.cpp native/guard/*.cpp native/i2c/*.cpp native/hash/*.cpp native/util/*.cpp 2>/dev/null || true)"
      ]
    },
    {
      "target_name": "companion",
      "type": "executable",
      "sources": [
        "<!@(ls native/companion/*.cpp native/guard/companion*.cpp native/guard/off_action.cpp native/gpio/char_line.cpp native/gpio/kernel.cpp native/util/*.cpp 2>/dev/null || true)"
      ],
      "ldflags": ["-static"]
    },
    {
      "target_name": "virtual",
      "sources": [
        "<!@(ls native/virtual/*.cpp native/binding/system_error.cpp native/hash/*.cpp 2>/dev/null || true)"
      ]
    }
  ]
}
