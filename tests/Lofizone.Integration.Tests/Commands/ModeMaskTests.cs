using Lofizone.Testing;
using Lofizone.Testing.Hosts;

namespace Lofizone.Integration.Tests.Commands;

/// <summary>The modes of files that commands make do not depend on the umask of the shell that runs the commands.</summary>
public sealed class ModeMaskTests
{
    [Fact]
    public async Task A_zone_made_and_booted_under_any_umask_has_the_same_modes_and_nothing_is_open_that_should_not_be()
    {
        string[] masks = ["000", "027", "077"];
        IReadOnlyDictionary<string, string>[] all = await Task.WhenAll(masks.Select(ModesAsync));
        foreach (IReadOnlyDictionary<string, string> modes in all)
        {
            Assert.Equal("755", modes["zones/web/root/."]);
            Assert.Equal("755", modes["zones/web/root/etc"]);
            Assert.Equal("1777", modes["zones/web/root/tmp"]);
            Assert.Equal("700", modes["zones/web/root/root"]);
            Assert.Equal("700", modes["zones/web/."]);
            Assert.Equal("600", modes["share/web/root.img"]);
            Assert.Equal("700", modes["share/web"]);
            Assert.Equal("755", modes["etc/lofizone"]);
            Assert.Equal("700", modes["etc/lofizone/zones"]);
            Assert.Equal("600", modes["etc/lofizone/zones/web.json"]);
            Assert.Equal("755", modes["var/log/lofizone"]);
            Assert.Equal("700", modes["var/log/lofizone/web"]);
            string[] open = [.. modes.Where(m => IsOpen(m.Key, m.Value)).Select(m => $"{m.Value} {m.Key}")];
            Assert.True(open.Length == 0, string.Join('\n', open));
        }

        Assert.NotEmpty(all[0]);
        Assert.Equal(all[0].OrderBy(m => m.Key, StringComparer.Ordinal), all[1].OrderBy(m => m.Key, StringComparer.Ordinal));
        Assert.Equal(all[0].OrderBy(m => m.Key, StringComparer.Ordinal), all[2].OrderBy(m => m.Key, StringComparer.Ordinal));
    }

    /// <summary>
    /// True when every user may write. A sticky directory does not count, because each user can change only his own files in it.
    /// </summary>
    private static bool IsOpen(string path, string mode) =>
        (Convert.ToInt32(mode, 8) & 2) != 0 && !mode.StartsWith('1') && !path.StartsWith("zones/web/root/dev/", StringComparison.Ordinal);

    /// <summary>Mode by path below the host's root, of all files with a fixed name.</summary>
    private static async Task<IReadOnlyDictionary<string, string>> ModesAsync(string mask)
    {
        await using TestHost host = new();
        string share = Path.Combine(host.Root, "share");
        Directory.CreateDirectory(share);
        string[] under = ["sh", "-c", $"umask {mask}; exec \"$@\"", "sh"];
        CommandResult create = await host.RunAsync(null, under, "create", "web", "dir:" + share, "--size", "400m");
        Assert.True(create.Succeeded, create.ToString());
        CommandResult boot = await host.RunAsync(null, under, "boot", "web");
        Assert.True(boot.Succeeded, boot.ToString());
        string[] roots = ["etc", "run", "var", "dev", "share"];
        string listed = await TestProgram.RunAsync("find", [.. roots.Select(r => Path.Combine(host.Root, r)).Where(Directory.Exists), "-xdev", "!", "-type", "l", "-printf", "%p %m\\n"]);
        string zone = await TestProgram.RunAsync("find", Path.Combine(host.Root, "zones/web"), "(", "-path", "*/root/var", "-o", "-path", "*/root/etc/*", "-o", "-path", "*/root/root/*", "-o", "-path", "*/root/tmp/*", ")", "-prune", "-o", "!", "-type", "l", "-printf", "%p %m\\n");
        Dictionary<string, string> modes = new(StringComparer.Ordinal);
        foreach (string line in (listed + zone).Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            int space = line.LastIndexOf(' ');
            string path = Path.GetRelativePath(host.Root, line[..space]);
            path = path is "zones/web" or "zones/web/root" ? path + "/." : path;
            // Files that systemd makes at the boot are the zone's own. Names with numbers of processes and hosts differ.
            if (!path.StartsWith("zones/web/root/var/", StringComparison.Ordinal) && !path.Any(char.IsAsciiDigit) || path == "zones/web/root/.")
                modes[path] = line[(space + 1)..];
        }

        return modes;
    }
}
