namespace Lofizone.Vm.Tests.Machines;

/// <summary>One end of a cable between two machines.</summary>
/// <param name="Address">Address and prefix length inside, "10.9.1.2/24".</param>
/// <param name="Local">Name of this end, unique in the laboratory.</param>
/// <param name="Remote">Name of the other end.</param>
internal sealed record VmLink(string Address, string Local, string Remote);

/// <summary>A disk beside the root disk: number 2 and on of the guest's controller, in their order.</summary>
/// <param name="File">Raw file.</param>
/// <param name="IsReadOnly">Shared with others.</param>
internal sealed record VmDisk(string File, bool IsReadOnly);

/// <summary>Which of the images of scripts/vm-image a machine starts from.</summary>
internal enum VmKind
{
    /// <summary>No service manager: boots in seconds.</summary>
    Bare,

    /// <summary>systemd and all that users' hosts have: boots in minutes.</summary>
    Host,
}

/// <summary>What one machine is made of.</summary>
/// <param name="Name">Host name.</param>
/// <param name="Kind">What its root disk holds.</param>
/// <param name="MemoryMebibytes">Its memory.</param>
/// <param name="Links">eth1 and on; eth0 is the way for SSH.</param>
/// <param name="Disks">Beside the root disk; the first holds what /sbin/init-from-disk starts.</param>
/// <param name="ForwardsNfs">Its NFS port is reached from a port of this machine's loopback, source port kept.</param>
internal sealed record VmDefinition(string Name, VmKind Kind, int MemoryMebibytes, VmLink[] Links, VmDisk[] Disks, bool ForwardsNfs);
