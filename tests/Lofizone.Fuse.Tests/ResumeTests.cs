using System.Runtime.InteropServices;
using Lofizone.Interop;
using Lofizone.Testing.Fuse;

namespace Lofizone.Fuse.Tests;

/// <summary>A mount whose server has died, while another process holds its descriptors. The next server continues the mount.</summary>
public sealed class ResumeTests : IDisposable
{
    private const long Length = 1 << 20;
    private readonly string _path = Path.Combine(Directory.CreateTempSubdirectory("lofizone-test-fuse-").FullName, "image");

    public void Dispose() => Directory.Delete(Path.GetDirectoryName(_path)!, recursive: true);

    [Fact]
    public async Task Requests_that_a_dead_server_read_on_any_descriptor_are_sent_again_and_answered()
    {
        FileDescriptor[] descriptors = [FuseDevice.Open(), FuseDevice.Open()];
        MountByHand(descriptors);
        MemoryBlockFile content = new(Length);
        byte[] expected = new byte[4096];
        Random.Shared.NextBytes(expected);
        await content.WriteAsync(8192, expected, CancellationToken.None);

        // The dead server reads one request on its clone, and never answers.
        Task<byte[]> reading = Task.Run(Read);
        ReadRequest(descriptors[1]);
        Assert.False(reading.IsCompleted);

        FuseServer server = FuseServer.Resume(_path, content, new FuseOptions { Descriptors = descriptors });
        try
        {
            Assert.Equal(expected, await reading.WaitAsync(TimeSpan.FromSeconds(30)));
            Assert.True(server.CanResend);
        }
        finally
        {
            await server.DisposeAsync();
        }

        Assert.Null(MountTable.Read().At(_path));
    }

    [Fact]
    public async Task A_server_on_given_descriptors_serves_as_on_its_own_and_says_whether_it_can_be_succeeded()
    {
        FileDescriptor[] descriptors = [FuseDevice.Open(), FuseDevice.Open(), FuseDevice.Open()];
        FuseServer server = await FuseServer.MountAsync(_path, new MemoryBlockFile(Length), new FuseOptions { Descriptors = descriptors }, CancellationToken.None);
        await using (server)
        {
            Assert.True(server.CanResend);
            await Task.Run(Read);
        }
    }

    [Fact]
    public async Task A_mount_that_is_gone_ends_the_next_server_at_once()
    {
        FileDescriptor[] descriptors = [FuseDevice.Open()];
        MountByHand(descriptors);
        Mount.Detach(_path, UnmountFlags.Detach);
        FuseServer server = FuseServer.Resume(_path, new MemoryBlockFile(Length), new FuseOptions { Descriptors = descriptors });
        await server.Completion.WaitAsync(TimeSpan.FromSeconds(30));
        await server.DisposeAsync();
    }

    private byte[] Read()
    {
        using FileDescriptor file = Files.Open(_path, OpenFlags.ReadOnly);
        byte[] data = new byte[4096];
        Assert.Equal(data.Length, FileContent.Read(file, data, 8192));
        return data;
    }

    private static unsafe byte[] ReadRequest(FileDescriptor descriptor)
    {
        byte[] request = new byte[FuseLimits.RequestBytes];
        fixed (byte* buffer = request)
            Assert.True(FuseDevice.Read(descriptor.Number, buffer, request.Length) > 0);
        return request;
    }

    /// <summary>Does a first server's work: mounts, and agrees with the kernel.</summary>
    private void MountByHand(FileDescriptor[] descriptors)
    {
        File.WriteAllBytes(_path, []);
        Mount.Attach(
            "lofizone", _path, "fuse", MountFlags.NoSuid | MountFlags.NoDev,
            $"fd={descriptors[0].Number},rootmode=100600,user_id=0,group_id=0,max_read={FuseLimits.MaxDataBytes}");
        byte[] request = ReadRequest(descriptors[0]);
        FuseInHeader header = MemoryMarshal.Read<FuseInHeader>(request);
        Assert.Equal(FuseOpcode.Init, header.Opcode);
        new FuseReply(tap: null).Send(descriptors[0].Number, header.Unique, new FuseInitOut
        {
            Major = FuseDevice.Major,
            Minor = FuseDevice.Minor,
            Flags = (uint)(FuseInitFlags.InitExtended | FuseInitFlags.MaxPages | FuseInitFlags.BigWrites),
            Flags2 = (uint)((ulong)FuseInitFlags.HasResend >> 32),
            MaxBackground = FuseLimits.MaxBackground,
            MaxWrite = FuseLimits.MaxDataBytes,
            TimeGranularity = 1,
            MaxPages = FuseLimits.MaxPages,
        });
        foreach (FileDescriptor clone in descriptors.Skip(1))
            FuseDevice.Bind(clone, descriptors[0]);
    }
}
