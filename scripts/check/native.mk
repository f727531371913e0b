# Compiles native/ and its tests without Node. Called by scripts/check/native with MODE set.
# What includes napi.h (native/binding, native/virtual) stays outside: this build proves it. So does
# native/companion, a program of its own.

OUT := build/native-$(MODE)
CORE := $(shell find native -name '*.cpp' -not -path 'native/binding/*' -not -path 'native/virtual/*' -not -path 'native/companion/*')
TESTS := $(shell find test/native -name '*.cpp')
FUZZERS := $(wildcard test/fuzz/*.fuzz.cpp)

CPPFLAGS := -Inative -D_FILE_OFFSET_BITS=64 -D_TIME_BITS=64 -MMD -MP
CXXFLAGS := -std=c++20 -pthread -Wall -Wextra -Wshadow -Wconversion -Werror

ifeq ($(MODE),plain)
  CXX := g++
  CXXFLAGS += -O2
else ifeq ($(MODE),arm)
  CXX := arm-linux-gnueabihf-g++
  # As binding.gyp has them.
  CXXFLAGS += -O2 -march=armv7-a -mfpu=vfpv3-d16 -mfloat-abi=hard -Wno-psabi
else ifeq ($(MODE),asan)
  SANITIZE := -fsanitize=address,undefined
else ifeq ($(MODE),tsan)
  SANITIZE := -fsanitize=thread
else ifeq ($(MODE),fuzz)
  SANITIZE := -fsanitize=address,undefined,fuzzer-no-link
else
  $(error MODE is one of plain, asan, tsan, fuzz, arm)
endif

ifneq ($(MODE),$(filter plain arm,$(MODE)))
  CXX := clang++
  CXXFLAGS += -O1 -g -fno-omit-frame-pointer -fno-sanitize-recover=all $(SANITIZE)
endif

CORE_OBJECTS := $(CORE:%.cpp=$(OUT)/%.o)
TEST_OBJECTS := $(TESTS:%.cpp=$(OUT)/%.o)
FUZZ_OBJECTS := $(FUZZERS:%.cpp=$(OUT)/%.o)

ifeq ($(MODE),fuzz)
all: $(FUZZERS:test/fuzz/%.fuzz.cpp=$(OUT)/%)
else
all: $(OUT)/tests
endif

$(OUT)/tests: $(CORE_OBJECTS) $(TEST_OBJECTS)
	$(CXX) $(CXXFLAGS) $^ -o $@

$(OUT)/%: $(OUT)/test/fuzz/%.fuzz.o $(CORE_OBJECTS)
	$(CXX) $(CXXFLAGS) -fsanitize=fuzzer $^ -o $@

$(OUT)/%.o: %.cpp scripts/check/native.mk
	@mkdir -p $(@D)
	$(CXX) $(CPPFLAGS) $(CXXFLAGS) -c $< -o $@

.SECONDARY: $(FUZZ_OBJECTS)
.PHONY: all
-include $(CORE_OBJECTS:.o=.d) $(TEST_OBJECTS:.o=.d) $(FUZZ_OBJECTS:.o=.d)
