# Compiles the native benches with the addon's own optimisation (binding.gyp), without Node.
# Called by test/bench/native-bench.ts from the top of the checkout.

OUT := build/native-bench
CORE := $(shell find native -name '*.cpp' -not -path 'native/binding/*' -not -path 'native/virtual/*' -not -path 'native/companion/*')
BENCHES := $(wildcard test/bench/native/*.cpp)

CPPFLAGS := -Inative -Itest/bench/native -D_FILE_OFFSET_BITS=64 -D_TIME_BITS=64 -MMD -MP
# -g changes no instruction; valgrind reads it.
CXXFLAGS := -std=c++20 -O3 -g -pthread -Wall -Wextra -Wshadow -Wconversion -Werror

OBJECTS := $(CORE:%.cpp=$(OUT)/%.o) $(BENCHES:%.cpp=$(OUT)/%.o)

$(OUT)/bench: $(OBJECTS)
	g++ $(CXXFLAGS) $^ -o $@

$(OUT)/%.o: %.cpp test/bench/native.mk
	@mkdir -p $(@D)
	g++ $(CPPFLAGS) $(CXXFLAGS) -c $< -o $@

-include $(OBJECTS:.o=.d)
