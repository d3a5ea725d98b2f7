using System.Text.RegularExpressions;
using Lofizone.Programs;
using Lofizone.Testing.Hosts;

namespace Lofizone.Tests.Packaging;

/// <summary>The Debian packages of programs are the same in all places that name them.</summary>
public sealed partial class PackagesTests
{
    /// <summary>Packages of every Debian: Essential packages, and the program that was asked to run this program.</summary>
    private static readonly string[] _always = ["dpkg", "libc-bin", "systemd"];

    [Fact]
    public void A_package_that_a_message_names_is_told_in_README_and_brought_by_the_package_and_by_install_deps()
    {
        string[] named = [.. MissingProgram.Packages.Values.Distinct(StringComparer.Ordinal).Except(_always)];
        HashSet<string> readme = [.. Rows().SelectMany(r => Split(r.Groups[1].Value))];
        HashSet<string> control = [.. Control().SelectMany(f => Split(f.Groups[2].Value.Replace('|', ','))).Append("util-linux")];
        HashSet<string> script = [.. InstallDeps().SelectMany(l => l.Groups[2].Value.Split(' '))];
        Assert.Equal([], named.Except(readme));
        Assert.Equal([], named.Except(control));
        Assert.Equal([], named.Except(script));
    }

    [Fact]
    public void What_the_package_depends_on_or_recommends_stands_in_README_and_what_a_host_needs_is_what_install_deps_installs()
    {
        HashSet<string> readme = [.. Rows().SelectMany(r => Split(r.Groups[1].Value))];
        string[] substitutions = ["${shlibs:Depends}"];
        foreach (Match field in Control())
            Assert.Equal([], Split(field.Groups[2].Value.Replace('|', ',')).Except(substitutions).Except(readme));
        string[] depends = [.. Split(Control().Single(f => f.Groups[1].Value == "Depends").Groups[2].Value.Replace('|', ',')).Except(substitutions)];
        Assert.Equal([], depends.Except(InstallDeps().Single(l => l.Groups[1].Value == "run").Groups[2].Value.Split(' ')));
        Assert.Equal([], InstallDeps().Where(l => l.Groups[1].Value != "soak").SelectMany(l => l.Groups[2].Value.Split(' ')).Distinct().Except(readme));
    }

    [Fact]
    public void A_program_that_the_code_starts_by_name_has_a_package()
    {
        string source = string.Concat(Directory.EnumerateFiles(Path.Combine(HostCleanup.RepositoryRoot(), "src"), "*.cs", SearchOption.AllDirectories)
            .Where(f => !f.Contains("/obj/", StringComparison.Ordinal)).Select(File.ReadAllText));
        string[] started = [.. ProgramCalls().Matches(source).Select(m => m.Groups[1].Value).Distinct()];
        Assert.Contains("nsenter", started);
        Assert.Equal([], started.Except(MissingProgram.Packages.Keys));
    }

    private static string[] Split(string list) => list.Replace(" (or ", ",", StringComparison.Ordinal).Replace(")", "", StringComparison.Ordinal).Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    private static MatchCollection Rows() => ReadmeRow().Matches(Text("README.md"));

    private static MatchCollection Control() => ControlField().Matches(Text("packaging/debian/control"));

    private static MatchCollection InstallDeps() => PackageList().Matches(Text("scripts/install-deps"));

    private static string Text(string file) => File.ReadAllText(Path.Combine(HostCleanup.RepositoryRoot(), file));

    [GeneratedRegex(@"^\| ([a-z0-9][a-z0-9., +()-]*) \| [^|]+ \| [^|]+ \|$", RegexOptions.Multiline)]
    private static partial Regex ReadmeRow();

    [GeneratedRegex(@"^(Depends|Recommends|Suggests): (.+)$", RegexOptions.Multiline)]
    private static partial Regex ControlField();

    [GeneratedRegex(@"^readonly (\w+)_packages=\((.*)\)$", RegexOptions.Multiline)]
    private static partial Regex PackageList();

    [GeneratedRegex(@"ProgramCall(?: call = new)?\(\s*""([^""/]+)""")]
    private static partial Regex ProgramCalls();
}
