using Lofizone.Testing;
using Lofizone.Testing.Hosts;

namespace Lofizone.Integration.Tests.Commands;

/// <summary>The shells' own completion, with the installed files and the real binary: a TAB at the end of a line.</summary>
public sealed class CompletionTests : IAsyncLifetime
{
    private readonly TestHost _host = new();
    private readonly string _directory = Directory.CreateTempSubdirectory("lofizone-completion-").FullName;

    private static string Completions { get; } = Path.Combine(HostCleanup.RepositoryRoot(), "packaging", "completion");

    public async ValueTask InitializeAsync()
    {
        File.CreateSymbolicLink(Path.Combine(_directory, "zone"), TestHost.ZoneBinary);
        foreach (string zone in (string[])["web", "web-2"])
            await TestProgram.RunAsync("env", $"LOFIZONE_ROOT={_host.Root}", TestHost.ZoneBinary, "zonecfg", "-z", zone, $"create; set zonepath=/zones/{zone}; add rootimage; set storage=nfs://nas/z; set size=1g; end");
    }

    public async ValueTask DisposeAsync()
    {
        Directory.Delete(_directory, recursive: true);
        await _host.DisposeAsync();
    }

    [Theory]
    [InlineData("zone bo", "boot")]
    [InlineData("zone boot ", "web web-2")]
    [InlineData("zoneadm -z web-", "web-2")]
    [InlineData("zone create x --fs", "--fstype")]
    [InlineData("zonecfg -z web set zonep", "zonepath=")]
    public async Task Bash_completes(string line, string words)
    {
        string script = """
            source "$1/zone.bash"; read -ra COMP_WORDS <<<"$2"; if [[ $2 == *' ' ]]; then COMP_WORDS+=(''); fi
            COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); compopt() { :; }; _lofizone "${COMP_WORDS[0]}"; echo "${COMPREPLY[@]}"
            """;
        Assert.Equal(words, (await RunAsync("bash", "-c", script, "bash", Completions, line)).Trim());
    }

    [Theory]
    [InlineData("zone bo", "boot")]
    [InlineData("zone boot ", "web web-2")]
    [InlineData("zone create x --fs", "--fstype")]
    [InlineData("zoneadm -z web-", "web-2")]
    public async Task Fish_completes(string line, string words)
    {
        string output = await RunAsync("fish", "--no-config", "-c", $"source {Completions}/zone.fish; complete -C '{line}'");
        Assert.Equal(words, string.Join(' ', output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => l.Split('\t')[0]).Order(StringComparer.Ordinal)));
    }

    [Theory]
    [InlineData("zone bo", "zone boot")]
    [InlineData("zone boot ", "zone boot web")]
    [InlineData("zoneadm -z web-", "zoneadm -z web-2")]
    [InlineData("zone create x --fs", "zone create x --fstype")]
    public async Task Zsh_completes(string line, string completed)
    {
        // Only zsh's line editor completes. An editor on a pseudo-terminal gets the line and a TAB, and prints its buffer.
        string script = """
            zmodload zsh/zpty
            zpty shell zsh -f -i
            zpty -w shell "PS1=; fpath=($1 \$fpath); autoload -Uz compinit; compinit -u -D; autoload -Uz _zone; compdef _zone zone zonecfg zoneadm"
            zpty -w shell "show() { print -r -- \"<\$BUFFER>\"; exit }; zle -N show; bindkey '^X' show; print -r -- 're''ady'"
            zpty -r shell said '*ready*'
            zpty -w -n shell "$2"$'\t\x18'
            zpty -r shell said '*<*>*'
            print -r -- "${${said##*<}%%>*}"
            zpty -d shell
            """;
        File.Copy(Path.Combine(Completions, "zone.zsh"), Path.Combine(_directory, "_zone"));
        Assert.Equal(completed, (await RunAsync("timeout", "20", "zsh", "-f", "-c", script, "zsh", _directory, line)).Trim());
    }

    private async Task<string> RunAsync(string program, params string[] arguments) =>
        await TestProgram.RunAsync("env", [$"LOFIZONE_ROOT={_host.Root}", $"PATH={_directory}:{Environment.GetEnvironmentVariable("PATH")}", program, .. arguments]);
}
