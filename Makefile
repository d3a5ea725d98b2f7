# Lofizone: zones whose whole root lives in one image file on an NFS share.

SHELL := /bin/bash
PREFIX ?= /usr/local
DESTDIR ?=
# Where Pacemaker looks for resource agents.
OCF_ROOT ?= /usr/lib/ocf
BIN := out/bin
# The zone binary's other names; it looks at the name it was called by.
NAMES := zonecfg zoneadm zlogin zonename zonestat lofiadm mkfile newfs
PAGES := $(patsubst packaging/man/%.in,out/man/%,$(wildcard packaging/man/*.in))
ARCH := $(patsubst aarch64,arm64,$(patsubst x86_64,x64,$(shell uname -m)))
SOURCES := $(shell find src -type f \( -name '*.cs' -o -name '*.csproj' \) -not -path '*/obj/*' -not -path '*/bin/*') \
	$(wildcard *.props) global.json BannedSymbols.txt .editorconfig

export DOTNET_CLI_TELEMETRY_OPTOUT := 1
export DOTNET_NOLOGO := 1

.PHONY: help build test sim fleet soak test-vm test-ha demo demo-clean bench bench-io format install uninstall deb clean

help: ## What can be made here
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 16

build: $(addprefix $(BIN)/,zone $(NAMES)) $(PAGES) ## Native AOT binary out/bin/zone, its Solaris names beside it, manual pages

$(BIN)/zone: $(SOURCES)
	@scripts/install-deps build
	dotnet publish src/Lofizone.Cli -c Release -r linux-$(ARCH) -o out/publish -v quiet -nologo -clp:NoSummary
	@mkdir -p $(BIN)
	@install -m 755 out/publish/zone $@.new && mv $@.new $@

$(addprefix $(BIN)/,$(NAMES)): | $(BIN)/zone
	@ln -sfn zone $@

# The binary knows its commands and options; the templates are what people write.
out/man/%: packaging/man/%.in $(BIN)/zone
	@mkdir -p out/man
	@$(BIN)/zone man $< > $@.new && mv $@.new $@

test: ## Install what the tests need, then run every test
	@scripts/install-deps test
	@$(MAKE) --no-print-directory build
	@scripts/test

test-vm: ## The kernel's NFS server and client, and a host with systemd and the package, in virtual machines without KVM
	@scripts/install-deps build deb vm
	@$(MAKE) --no-print-directory build
	@scripts/test-vm

test-ha: ## Three Pacemaker nodes and a zone: nodes killed, cut off, told to move it; RUNS=1
	@scripts/install-deps build ha
	@$(MAKE) --no-print-directory build
	@scripts/test-ha --runs $(or $(RUNS),1)

soak: ## Servers, links and engines killed, cut and frozen under fio verify, for MINUTES=10
	@scripts/install-deps build soak
	@$(MAKE) --no-print-directory build
	@scripts/soak --seconds $$(( $(or $(MINUTES),10) * 60 )) $(if $(SEED),--seed $(SEED))

sim: ## The NFS client under simulated faults: SEEDS=1000, or SEED=n for one with its trace
	@SEEDS='$(SEEDS)' SEED='$(SEED)' FIRST='$(FIRST)' scripts/sim

fleet: ## Ownership among a thousand simulated hosts: SEEDS=100, or SEED=n
	@SEEDS='$(SEEDS)' SEED='$(SEED)' FIRST='$(FIRST)' scripts/fleet

demo: ## A zone on a stand-in NAS on this machine: installs, builds, creates, boots, shows
	@scripts/install-deps build demo
	@$(MAKE) --no-print-directory build
	@scripts/demo

demo-clean: ## Take the demo away again
	@scripts/demo-clean

bench: ## Our data path against its peer, and the times of the commands
	@scripts/install-deps bench
	@$(MAKE) --no-print-directory build
	@scripts/bench

bench-io: ## The data path row by row against its peer, the server alone, the ceiling and the limit of both
	@scripts/install-deps bench
	@$(MAKE) --no-print-directory build
	@scripts/bench --suites io,files

format: ## Bring the code into the project's form
	dotnet format Lofizone.slnx

install: build ## Install to PREFIX (default /usr/local), below DESTDIR if set
	OCF_ROOT='$(OCF_ROOT)' scripts/install-tree install '$(DESTDIR)' '$(PREFIX)'

uninstall: ## Take away what make install put there
	OCF_ROOT='$(OCF_ROOT)' scripts/install-tree remove '$(DESTDIR)' '$(PREFIX)'

deb: ## Debian packages of what make build has built, below out/deb
	@scripts/install-deps build deb
	@$(MAKE) --no-print-directory build
	@scripts/deb

clean: ## Remove what was built
	rm -rf out
	find src tests bench -type d \( -name bin -o -name obj \) -prune -exec rm -rf {} +
