using System.Net.Sockets;
using System.Text;
using Lofizone.Logs;

namespace Lofizone.Tests.Logs;

public sealed class HostLogTests
{
    [Fact]
    public void A_line_is_an_entry_of_the_journal_with_its_zone()
    {
        using TemporaryHost host = new();
        Directory.CreateDirectory(Path.GetDirectoryName(host.Paths.Journal)!);
        using Socket journal = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        journal.Bind(new UnixDomainSocketEndPoint(host.Paths.Journal));
        string file = Path.Combine(host.Paths.Log, "web", "settle.log");
        HostLog.Write(host.Paths, "web", file, "web: booted again");
        byte[] buffer = new byte[4096];
        Assert.Equal(
            "SYSLOG_IDENTIFIER=zone\nPRIORITY=6\nOBJECT_SYSTEMD_UNIT=lofizone.service\nZONE=web\nMESSAGE=zone web: booted again\n",
            Encoding.UTF8.GetString(buffer, 0, journal.Receive(buffer)));
        Assert.False(File.Exists(file));
    }

    [Fact]
    public void Without_a_journal_lines_go_to_the_file()
    {
        using TemporaryHost host = new();
        string file = Path.Combine(host.Paths.Log, "web", "settle.log");
        HostLog.Write(host.Paths, "web", file, "web: one");
        HostLog.Write(host.Paths, "web", file, "web: two");
        Assert.Equal(["zone web: one", "zone web: two"], File.ReadLines(file).Select(WithoutTime));
    }

    [Fact]
    public void Lines_of_commands_that_write_one_log_at_once_are_all_there()
    {
        using TemporaryHost host = new();
        string file = Path.Combine(host.Paths.Log, "zones.log");
        using (TextWriter one = HostLog.Open(host.Paths, "web", file), two = HostLog.Open(host.Paths, "db", file))
        {
            for (int i = 0; i < 3; i++)
            {
                one.WriteLine($"web: {i}");
                two.WriteLine($"db: {i}");
            }
        }

        Assert.Equal(
            ["zone web: 0", "zone db: 0", "zone web: 1", "zone db: 1", "zone web: 2", "zone db: 2"],
            File.ReadAllLines(file).Select(WithoutTime));
    }

    [Fact]
    public void A_journal_that_nobody_reads_any_more_is_followed_by_the_file()
    {
        using TemporaryHost host = new();
        Directory.CreateDirectory(Path.GetDirectoryName(host.Paths.Journal)!);
        File.WriteAllText(host.Paths.Journal, "");
        string file = Path.Combine(host.Paths.Log, "lofi-1.log");
        HostLog.Write(host.Paths, null, file, "reconnected");
        Assert.Equal(["reconnected"], File.ReadLines(file).Select(WithoutTime));
    }

    [Fact]
    public void A_text_of_several_lines_has_its_length_before_it_and_forges_no_field()
    {
        byte[] message = JournalMessage.Encode(null, "a\nZONE=forged");
        byte[] end = [.. "MESSAGE\n"u8, 13, 0, 0, 0, 0, 0, 0, 0, .. "a\nZONE=forged\n"u8];
        Assert.Equal(end, message[^end.Length..]);
    }

    private static string WithoutTime(string line) => line.Split(' ', 2)[1];
}
